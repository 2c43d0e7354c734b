"""One or several files, such as a contract; kept beside the database under the sum of their content."""

from engine.fields.field_type import Bad, Good
from engine.fields.file_type import FileType
from engine.text import Text


class File(FileType):
    name = "file"
    label = Text({"en": "File", "zh": "文件"})
    good = (
        Good(12, "12/"),
        Good({"id": 12, "name": "offer.pdf"}, "12/offer.pdf"),
        Good("12/合同.pdf", "12/合同.pdf", locale="zh"),
        Good([{"id": 12, "name": "a.pdf"}, 13], "12/a.pdf\n13/", {"count": 3, "accept": ["pdf", "image"]}),
        Good([], None, {"count": 2, "max_size": "500 KB"}),
    )
    bad = (
        Bad("offer.pdf", "“offer.pdf” is not the number of an uploaded file."),
        Bad(0, "“0” is not the number of an uploaded file."),
        Bad(True, "“true” is not the number of an uploaded file."),
        Bad({"name": "offer.pdf"}, "“None” is not the number of an uploaded file."),
        Bad([1, 2, 3], "3 files are too many; at most 2 are possible.", {"count": 2}),
    )
