"""Pictures; they are read, turned upright and written anew, so that nothing hides in them."""

from engine.fields.field_type import Bad, Good
from engine.fields.file_type import FileType
from engine.text import Text


class Image(FileType):
    name = "image"
    label = Text({"en": "Picture", "zh": "图片"})
    widget = "file"
    size = "10 MB"
    pictures = True
    kinds = ("png", "jpg", "jpeg", "webp", "gif")
    good = (
        Good(7, "7/"),
        Good({"id": 7, "name": "face.jpg"}, "7/face.jpg"),
        Good("7/头像.png", "7/头像.png", locale="zh"),
        Good([7, 8], "7/\n8/", {"count": 4, "max_size": "2 MB"}),
    )
    bad = (
        Bad("face.jpg", "“face.jpg” is not the number of an uploaded file."),
        Bad(-1, "“-1” is not the number of an uploaded file."),
        Bad(False, "“false” is not the number of an uploaded file."),
        Bad([1, 2], "2 files are too many; at most 1 are possible."),
    )
