"""The departments and positions of the demonstration company."""

from dataclasses import dataclass

PEOPLE = 1_500
SALES_TEAMS = ("sales_north", "sales_east", "sales_south", "sales_west", "sales_international")
SALESPEOPLE_PER_TEAM = 8


@dataclass(frozen=True, slots=True)
class Unit:
    """A department: how many people besides its head, in which positions, and where they are insured."""

    key: str
    name: str
    parent: str | None
    people: int
    positions: tuple[str, ...]
    city: str = "苏州"
    head: str = "department_head"


@dataclass(frozen=True, slots=True)
class Position:
    """A position with the monthly pay of those who hold it, in yuan."""

    key: str
    name: str
    family: str
    grade: int
    salary_from: int
    salary_to: int


POSITIONS = (
    Position("chief", "Chief executive 总经理", "management", 16, 90_000, 90_000),
    Position("director", "Director 总监", "management", 14, 48_000, 68_000),
    Position("department_head", "Head of department 部门经理", "management", 11, 26_000, 42_000),
    Position("team_lead", "Sales team lead 销售主管", "sales", 10, 18_000, 26_000),
    Position("salesperson", "Salesperson 销售经理", "sales", 7, 9_000, 16_000),
    Position("sales_assistant", "Sales assistant 销售助理", "sales", 4, 6_500, 9_000),
    Position("marketer", "Marketing specialist 市场专员", "support", 6, 9_000, 16_000),
    Position("engineer", "Engineer 工程师", "engineering", 7, 14_000, 26_000),
    Position("senior_engineer", "Senior engineer 高级工程师", "engineering", 9, 24_000, 40_000),
    Position("tester", "Test engineer 测试工程师", "engineering", 6, 11_000, 19_000),
    Position("product_manager", "Product manager 产品经理", "engineering", 8, 18_000, 32_000),
    Position("operator", "Machine operator 操作工", "production", 2, 5_200, 8_200),
    Position("fitter", "Assembly fitter 装配技工", "production", 3, 5_800, 9_000),
    Position("inspector", "Quality inspector 质检员", "production", 3, 5_800, 8_800),
    Position("storekeeper", "Storekeeper 仓管员", "production", 2, 5_000, 7_000),
    Position("buyer", "Buyer 采购员", "support", 5, 8_000, 14_000),
    Position("service_engineer", "Service engineer 售后工程师", "engineering", 6, 9_500, 17_000),
    Position("agent", "Hotline agent 客服专员", "support", 3, 6_000, 9_000),
    Position("accountant", "Accountant 会计", "support", 6, 8_500, 15_000),
    Position("specialist", "Specialist 专员", "support", 5, 8_000, 15_000),
    Position("administrator", "IT administrator IT 运维", "support", 6, 10_000, 18_000),
    Position("assistant", "Assistant 助理", "support", 4, 7_000, 11_000),
)

_UNITS = (
    Unit("company", "Yunshan Automation 云杉自动化", None, 3, ("assistant",), "上海", "chief"),
    Unit("sales", "Sales 销售中心", "company", 3, ("sales_assistant",), "上海", "director"),
    Unit("sales_north", "North China 华北区", "sales", 8, ("salesperson",), "北京", "team_lead"),
    Unit("sales_east", "East China 华东区", "sales", 8, ("salesperson",), "上海", "team_lead"),
    Unit("sales_south", "South China 华南区", "sales", 8, ("salesperson",), "深圳", "team_lead"),
    Unit("sales_west", "West China 西部区", "sales", 8, ("salesperson",), "成都", "team_lead"),
    Unit(
        "sales_international", "International 国际业务部", "sales", 8, ("salesperson",), "上海", "team_lead"
    ),
    Unit("marketing", "Marketing 市场部", "company", 28, ("marketer",), "上海"),
    Unit("research", "Research and development 研发中心", "company", 4, ("assistant",), "上海", "director"),
    Unit("hardware", "Hardware 硬件部", "research", 88, ("engineer", "engineer", "senior_engineer")),
    Unit("software", "Software 软件部", "research", 138, ("engineer", "engineer", "senior_engineer"), "上海"),
    Unit("algorithms", "Algorithms 算法部", "research", 46, ("engineer", "senior_engineer"), "上海"),
    Unit("testing", "Testing 测试部", "research", 58, ("tester",)),
    Unit("products", "Product management 产品部", "research", 26, ("product_manager",), "上海"),
    Unit("manufacturing", "Manufacturing 制造中心", "company", 5, ("assistant",), head="director"),
    Unit("suzhou", "Suzhou plant 苏州工厂", "manufacturing", 8, ("assistant", "specialist")),
    Unit("suzhou_assembly", "Assembly, Suzhou 苏州装配车间", "suzhou", 218, ("fitter",)),
    Unit("suzhou_machining", "Machining, Suzhou 苏州加工车间", "suzhou", 158, ("operator",)),
    Unit("suzhou_quality", "Quality, Suzhou 苏州质检部", "suzhou", 44, ("inspector",)),
    Unit("suzhou_store", "Warehouse, Suzhou 苏州仓库", "suzhou", 42, ("storekeeper",)),
    Unit("chengdu", "Chengdu plant 成都工厂", "manufacturing", 8, ("assistant", "specialist"), "成都"),
    Unit("chengdu_machining", "Machining, Chengdu 成都加工车间", "chengdu", 112, ("operator",), "成都"),
    Unit("chengdu_store", "Warehouse, Chengdu 成都仓库", "chengdu", 34, ("storekeeper",), "成都"),
    Unit("supply", "Supply chain 供应链中心", "company", 4, ("assistant",), head="director"),
    Unit("purchasing", "Purchasing 采购部", "supply", 34, ("buyer",)),
    Unit("logistics", "Logistics 物流部", "supply", 26, ("storekeeper", "specialist")),
    Unit("service", "Customer service 客户服务中心", "company", 4, ("assistant",), "上海", "director"),
    Unit("field_service", "Field service 现场服务部", "service", 58, ("service_engineer",), "上海"),
    Unit("hotline", "Hotline 客服热线", "service", 28, ("agent",), "成都"),
    Unit("finance", "Finance 财务部", "company", 4, ("assistant",), "上海", "director"),
    Unit("accounting", "Accounting 会计部", "finance", 26, ("accountant",), "上海"),
    Unit("controlling", "Controlling 成本控制部", "finance", 12, ("accountant",), "上海"),
    Unit("people", "Human resources 人力资源部", "company", 6, ("specialist",), "上海", "director"),
    Unit("recruiting", "Recruiting 招聘部", "people", 10, ("specialist",), "上海"),
    Unit("payroll", "Payroll 薪酬部", "people", 6, ("specialist",), "上海"),
    Unit("it", "IT 信息技术部", "company", 30, ("administrator",), "上海"),
    Unit("legal", "Legal 法务部", "company", 8, ("specialist",), "上海"),
)


def units() -> tuple[Unit, ...]:
    """All departments, each after its parent; the last one, assembly in Chengdu, makes 1,500 people."""
    others = sum(1 + unit.people for unit in _UNITS)
    rest = Unit(
        "chengdu_assembly",
        "Assembly, Chengdu 成都装配车间",
        "chengdu",
        PEOPLE - others - 1,
        ("fitter",),
        "成都",
    )
    return (*_UNITS, rest)


def levels() -> list[list[Unit]]:
    """The departments by their depth in the tree, the company itself first."""
    answer: list[list[Unit]] = []
    depth: dict[str, int] = {}
    for unit in units():
        depth[unit.key] = depth[unit.parent] + 1 if unit.parent else 0
        if depth[unit.key] == len(answer):
            answer.append([])
        answer[depth[unit.key]].append(unit)
    return answer
