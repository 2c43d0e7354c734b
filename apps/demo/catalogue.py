"""What the demonstration company sells."""

PRODUCTS = (
    ("PLC-100", "Compact controller 紧凑型控制器", "device", 2_980, "台"),
    ("PLC-300", "Modular controller 模块化控制器", "device", 8_600, "台"),
    ("PLC-500", "Redundant controller 冗余控制器", "device", 26_800, "台"),
    ("IO-016", "Digital input module 16 点数字输入模块", "device", 860, "块"),
    ("IO-032", "Digital output module 32 点数字输出模块", "device", 1_280, "块"),
    ("AI-008", "Analogue input module 8 路模拟量模块", "device", 1_960, "块"),
    ("HMI-07", "Operator panel 7″ 触摸屏", "device", 1_680, "台"),
    ("HMI-15", "Operator panel 15″ 触摸屏", "device", 4_980, "台"),
    ("SRV-04", "Servo drive 0.4 kW 伺服驱动器", "device", 2_350, "套"),
    ("SRV-20", "Servo drive 2 kW 伺服驱动器", "device", 4_460, "套"),
    ("VFD-11", "Frequency converter 11 kW 变频器", "device", 5_200, "台"),
    ("VFD-55", "Frequency converter 55 kW 变频器", "device", 16_900, "台"),
    ("CAM-2M", "Vision camera 2 MP 工业相机", "device", 3_900, "台"),
    ("CAM-12M", "Vision camera 12 MP 工业相机", "device", 12_600, "台"),
    ("ROB-06", "Robot arm 6 kg 六轴机器人", "device", 86_000, "台"),
    ("ROB-20", "Robot arm 20 kg 六轴机器人", "device", 138_000, "台"),
    ("AGV-50", "Transport robot 500 kg 搬运机器人", "device", 96_000, "台"),
    ("GW-100", "Edge gateway 边缘网关", "device", 3_600, "台"),
    ("SW-IND8", "Industrial switch 8 口工业交换机", "device", 1_450, "台"),
    ("UPS-1K", "Cabinet power supply 控制柜电源", "device", 980, "台"),
    ("SCADA-S", "Plant monitor, small 监控软件基础版", "software", 18_000, "套"),
    ("SCADA-L", "Plant monitor, large 监控软件企业版", "software", 68_000, "套"),
    ("MES-S", "Production control, one line 单产线 MES", "software", 120_000, "套"),
    ("MES-L", "Production control, plant 全厂 MES", "software", 380_000, "套"),
    ("VIS-AI", "Visual inspection 视觉检测软件", "software", 46_000, "套"),
    ("EMS-1", "Energy monitor 能源管理系统", "software", 36_000, "套"),
    ("APS-1", "Scheduling 排产软件", "software", 98_000, "套"),
    ("TWIN-1", "Digital twin 数字孪生平台", "software", 160_000, "套"),
    ("LIC-10", "Ten more users 用户授权（10 人）", "software", 9_800, "套"),
    ("SVC-INST", "Installation day 现场安装", "service", 2_600, "人天"),
    ("SVC-ENG", "Engineering day 工程实施", "service", 3_200, "人天"),
    ("SVC-TRN", "Training day 培训", "service", 4_800, "天"),
    ("SVC-YR", "Maintenance year 年度维保", "service", 12_000, "年"),
    ("SVC-247", "Round-the-clock support 7×24 支持", "service", 36_000, "年"),
    ("SVC-AUD", "Plant audit 工厂诊断", "service", 28_000, "次"),
)
"""Code, name, family, list price in yuan, unit."""

PURPOSES = (
    "产线升级",
    "自动化改造",
    "新工厂项目",
    "视觉检测项目",
    "机器人工作站",
    "MES 一期",
    "能源管理",
    "设备更新",
    "年度维保",
    "仓储自动化",
)
FOREIGN_PURPOSES = (
    "line upgrade",
    "retrofit",
    "new plant",
    "vision inspection",
    "robot cell",
    "production control",
    "energy monitoring",
    "spare parts",
    "annual maintenance",
    "warehouse automation",
)
JOB_TITLES = ("采购经理", "设备总监", "生产经理", "总经理", "技术主管", "IT 经理", "财务总监", "厂长")
FOREIGN_JOB_TITLES = (
    "Purchasing manager",
    "Plant manager",
    "Head of engineering",
    "Managing director",
    "IT manager",
)
NEXT_STEPS = (
    "Send the offer 发送报价",
    "Site visit 现场考察",
    "Demo 产品演示",
    "Contract review 合同评审",
    None,
)
LEAD_SUBJECTS = ("询价", "产品咨询", "样机申请", "方案咨询", "Request for quotation", "Product enquiry")
FOLLOW_UPS = (
    ("call", "Ask about the offer 报价跟进"),
    ("visit", "Visit the plant 工厂拜访"),
    ("meeting", "Go through the specification 技术方案沟通"),
    ("email", "Send references 发送案例资料"),
    ("message", "Festival greetings 节日问候"),
)
RESULTS = (
    "Interested; wants a second offer. 客户有意向，需二次报价。",
    "Budget is approved for next quarter. 预算已批，下季度采购。",
    "Will decide after comparing with a competitor. 与竞品对比后决定。",
    "Nobody reached; try again. 未联系上，需再次跟进。",
)
