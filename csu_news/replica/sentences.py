"""Sentences that follow in any article of the invented university, English and Chinese side by side."""

from __future__ import annotations

SENTENCES = (
    (
        "The %(school)s has about ninety teachers and offers four undergraduate programmes.",
        "%(school)s现有教师九十余人，开设四个本科专业。",
    ),
    (
        "In the past three years its members have published more than two hundred papers.",
        "近三年来，学院教师发表论文二百余篇。",
    ),
    (
        "“%(project)s” is supported by the university's fund for long-term research.",
        "“%(project)s”得到学校长期研究基金的支持。",
    ),
    (
        "Students take part from the first day: they keep the instruments running and read the data.",
        "学生从第一天起便参与其中，负责仪器运行与数据判读。",
    ),
    (
        "%(person2)s, who coordinates the work with %(partner)s, called the result encouraging.",
        "负责与%(partner)s对接工作的%(person2)s表示，这一结果令人鼓舞。",
    ),
    (
        "A second round of talks is planned for the coming spring.",
        "第二轮会谈拟于明年春季举行。",
    ),
    (
        "The university will continue to open its laboratories to schools in the region.",
        "学校将继续向周边地区的中小学开放实验室。",
    ),
    (
        "Questions from the audience ranged from the cost of the method to its effect on fish.",
        "听众提出的问题十分广泛，从方法的成本到其对鱼类的影响均有涉及。",
    ),
    (
        "The visitors then walked through the Camphor Garden and saw the historical drawings of the bridge.",
        "来宾随后参观了香樟园，并观看了大桥的历史图纸。",
    ),
    (
        "Measurements were taken at forty stations and repeated in winter.",
        "测量工作在四十个站点进行，并于冬季重复开展。",
    ),
    (
        "Details of the application procedure will be published by the %(office)s.",
        "申请办法的具体内容将由%(office)s另行公布。",
    ),
    (
        "The share of graduates who spend at least one term abroad has risen to one in five.",
        "至少有一学期海外学习经历的研究生比例已提高到五分之一。",
    ),
    (
        "“We should like to see this work used, not only cited,” %(person2)s said.",
        "%(person2)s说：“我们希望成果不仅被引用，更要被使用。”",
    ),
    (
        "All recordings of the meeting can be borrowed from the University Library.",
        "会议全部录像可在图书馆借阅。",
    ),
    (
        "The jury praised the clear documentation and the careful treatment of errors.",
        "评审专家对其清晰的文档和严谨的误差分析给予了高度评价。",
    ),
    (
        "Two of the authors are undergraduates of the %(school)s.",
        "其中两位作者是%(school)s的本科生。",
    ),
    (
        "At the end the hosts invited everybody to tea in %(place)s.",
        "活动最后，主办方邀请全体人员在%(place)s参加茶叙。",
    ),
    (
        "Since its foundation the %(school)s has trained more than six thousand engineers and teachers.",
        "建院以来，%(school)s已培养工程师和教师六千余名。",
    ),
    (
        "The partners will exchange samples every quarter and compare their results blind.",
        "合作双方将每季度交换样品，并对结果进行盲测比对。",
    ),
    (
        "The equipment was carried up the valley by hand, since the road had been closed by snow.",
        "由于大雪封路，设备全部由人力运入山谷。",
    ),
    (
        "A short course for teachers of secondary schools begins in March.",
        "面向中学教师的短期课程将于三月开课。",
    ),
    (
        "The provincial government counts the project among its ten examples of good practice.",
        "省政府将该项目列为十大优秀案例之一。",
    ),
    (
        "Representatives of the %(office)s and of the student union were present.",
        "%(office)s及学生会代表出席了活动。",
    ),
    (
        "The next step is a test under full load, which will take about half a year.",
        "下一步将进行满负荷试验，预计用时约半年。",
    ),
)

# Headings of the rows in an article's table, and of its last, bold, line
TABLE_HEAD = (("Section", "Place", "Number"), ("组别", "地点", "人数"))
SUBHEADINGS = (
    ("Background", "背景"),
    ("What comes next", "下一步工作"),
    ("Voices", "师生声音"),
    ("Results", "主要成果"),
)
