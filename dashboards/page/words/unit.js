// What the view of one unit says.

export const vi = {
  loading: "Đang tải số liệu của đơn vị…",
  back: "Tất cả đơn vị",
  outOf: (numerator, denominator) => `${numerator} trên ${denominator} hồ sơ đúng hạn`,
  noDossiers: "Chưa có hồ sơ nào trong kỳ tính",
  place: (place, all) => `Hạng ${place} trên ${all} đơn vị`,
  tied: (place, tied, all) => `Đồng hạng ${place} (${tied} đơn vị bằng nhau) trên ${all} đơn vị`,
  noPlace: "Chưa đủ hồ sơ để xếp hạng",
  since: { day: "từ đầu ngày", month: "từ đầu tháng", half: "từ đầu nửa năm" },
  points: (text) => `${text} điểm %`,
  unchanged: "không đổi",
  up: (text) => `tăng ${text} điểm %`,
  down: (text) => `giảm ${text} điểm %`,
  placesUp: (n) => `lên ${n} hạng`,
  placesDown: (n) => `xuống ${n} hạng`,
  samePlace: "giữ hạng",
  noComparison: "chưa có để so",
  why: "Vì sao có số này?",
  stale: (time) => `Không có dữ liệu mới từ ${time}: số liệu có thể không còn đúng.`,
  incidentOpenPlain: "Cảnh báo đang mở",
  incidentOpen: (since) => `Cảnh báo mở từ ${since}`,
  heldBy: (who) => `${who} đã nhận`,
  heldByNobody: "chưa ai nhận",
  profileAway:
    "Máy giữ số liệu chi tiết của đơn vị này tạm thời không trả lời. Trang sẽ tự hỏi lại.",
  unknown: (unit) => `Chưa có số liệu nào của đơn vị ${unit}.`,
  asTable: "Xem dạng bảng",

  series: "Tỷ lệ đúng hạn 60 ngày qua",
  seriesSummary: ({ first, last, low, lowDay }) =>
    `Từ ${first} đến ${last}. Thấp nhất là ${low} vào ngày ${lowDay}.`,
  seriesNone: "Trong 60 ngày qua chưa có hồ sơ nào trong kỳ tính.",
  seriesBelow: (days) =>
    days ? `Dưới ngưỡng xanh ${days} ngày.` : "Không ngày nào dưới ngưỡng xanh.",
  day: "Ngày",
  share: "Tỷ lệ",
  greenFrom: (share) => `Xanh từ ${share}`,
  yellowFrom: (share) => `Vàng từ ${share}`,
  arrows: "Dùng phím mũi tên trái và phải để đọc từng ngày.",

  weeks: "Kết quả từng tuần, 26 tuần qua",
  weeksSummary: (all, late, share) =>
    `${all} hồ sơ đã giải quyết, ${late} trễ hạn${share ? ` (${share})` : ""}.`,
  week: "Tuần từ",
  running: "tuần này",
  early: "Trước hạn",
  on_time: "Đúng hạn",
  late: "Trễ hạn",
  total: "Cộng",

  backlog: "Hồ sơ đang giải quyết, theo hạn trả",
  backlogSummary: (all, overdue) =>
    all
      ? `${all} hồ sơ đang giải quyết, ${overdue} quá hạn.`
      : "Không có hồ sơ nào đang giải quyết.",
  backlogBucket: "Hạn trả",
  buckets: {
    overdue_30d: "Quá hạn trên 30 ngày",
    overdue_7d: "Quá hạn trên 7 đến 30 ngày",
    overdue_1d: "Quá hạn trên 1 đến 7 ngày",
    overdue: "Quá hạn đến 1 ngày",
    due_1d: "Đến hạn trong 1 ngày",
    due_7d: "Đến hạn sau 1 đến 7 ngày",
    due_30d: "Đến hạn sau 7 đến 30 ngày",
    due_later: "Đến hạn sau 30 ngày",
    paused: "Tạm dừng (chờ bổ sung, nộp phí)",
    no_due: "Không có ngày hẹn trả",
  },
  dossiers: "Hồ sơ",

  channels: "Kênh tiếp nhận",
  channel: "Kênh",
  channelNames: { online: "Trực tuyến", direct: "Trực tiếp", post: "Bưu chính" },
  levels: "Mức dịch vụ công",
  level: "Mức",
  levelNames: {
    2: "Mức độ 2",
    3: "Mức độ 3",
    4: "Mức độ 4",
    partial: "Một phần",
    full: "Toàn trình",
  },
  unstated: "Không ghi",
  shareOfResolved: "Tỷ trọng",
  resolved: "Đã giải quyết",
  onTimeShare: "Đúng hạn",
  noneResolved: "Chưa có hồ sơ nào đã giải quyết trong kỳ tính.",

  procedures: "Thủ tục có nhiều hồ sơ trễ, quá hạn nhất",
  procedure: "Thủ tục",
  overdue: "Đang quá hạn",
  noProcedures: "Không có thủ tục nào có hồ sơ trễ hạn hay quá hạn.",

  atRisk: "Hồ sơ quá hạn và sắp đến hạn",
  atRiskNote: (shown, total) => `${shown} hồ sơ gấp nhất trên ${total}`,
  atRiskNone: "Không có hồ sơ nào đang chạy hạn.",
  dossier: "Hồ sơ",
  dueWords: "Thời hạn",
  dueAt: "Hẹn trả lúc",
  states: { overdue: "Quá hạn", due_soon: "Sắp đến hạn", within: "Trong hạn" },
  overdueBy: (span) => `quá hạn ${span}`,
  dueIn: (span) => `còn ${span}`,
  more: "Xem thêm",

  integrity: "Ngày tháng được ghi hoặc sửa về sau",
  integrityShare: (share, parts) =>
    `${share} hồ sơ đã giải quyết (${parts}) không có dấu hiệu nào.`,
  integrityNote:
    "Đây là những việc đã xảy ra, không phải là kết luận sai phạm: phần lớn có lý do chính đáng.",
  sign: "Việc đã xảy ra",
  signs: {
    end_at_due_told_late: "Kết thúc đúng thời điểm hẹn trả, rất lâu sau mới được ghi nhận",
    due_moved_after_breach: "Ngày hẹn trả được dời sau khi đã quá hạn",
    supplement_on_last_day: "Yêu cầu bổ sung vào ngày cuối của hạn",
    second_supplement: "Yêu cầu bổ sung từ lần thứ hai",
    late_end_voided: "Một kết quả trễ hạn đã bị thu hồi",
  },
  burst: (count, from, to) => `${count} lần sửa được ghi nhận từ ${from} đến ${to}.`,

  outlook: "Sắp tới",
  outlookAt: (time) => `Tính lúc ${time}`,
  nothingClosedLeaves: (time, figure) =>
    `Nếu từ nay không giải quyết hồ sơ nào: rời vùng xanh lúc ${time}, khi còn ${figure}.`,
  nothingClosedStays: (time) =>
    `Nếu từ nay không giải quyết hồ sơ nào: vẫn ở vùng xanh đến ${time}.`,
  paceLeaves: (time, figure) =>
    `Nếu giữ tốc độ của mười ngày làm việc gần đây: rời vùng xanh lúc ${time}, khi còn ${figure}.`,
  paceStays: (time) =>
    `Nếu giữ tốc độ của mười ngày làm việc gần đây: vẫn ở vùng xanh đến ${time}.`,
  noPace:
    "Mười ngày làm việc gần đây không có hồ sơ nào kết thúc, nên không dự báo được theo tốc độ giải quyết.",
  keepGreen: (n, time) => `Để giữ vùng xanh đến ${time}: giải quyết đúng hạn ${n} hồ sơ sau đây.`,
  keepNone: "Không cần làm gì thêm để giữ vùng xanh.",
  keepImpossible: (time) =>
    `Giải quyết đúng hạn mọi hồ sơ đang mở cũng không giữ được vùng xanh đến ${time}.`,
  wayBack: (n, time) =>
    `Để trở lại vùng xanh: giải quyết đúng hạn ${n} hồ sơ${time ? `, muộn nhất ${time}` : ""}, và không để thêm hồ sơ nào trễ hạn.`,
  wayBackDossiers: "Hồ sơ còn kịp đúng hạn, gấp nhất trước:",
  wayBackImpossible: (time) =>
    `Chưa thể trở lại vùng xanh trước ${time}, dù mọi hồ sơ từ nay đều đúng hạn: các hồ sơ trễ hạn còn nằm trong kỳ tính.`,
  unnamed: (n) => `và ${n} hồ sơ khác`,
  noOutlook: "Chưa có dự báo cho đơn vị này.",
  noOutlookGrey: "Chưa đủ hồ sơ để dự báo.",
  onlyNow: "Dự báo chỉ có cho lúc này, không có cho quá khứ.",
  ofPrimary: (definition, window) => `Theo chỉ số chính: ${definition}, ${window}.`,

  incidents: "Cảnh báo của đơn vị",
  noIncidents: "Đơn vị chưa có cảnh báo nào.",
  allIncidents: "Xem tất cả cảnh báo của đơn vị",
};

export const en = {
  loading: "Loading the unit’s figures…",
  back: "All units",
  outOf: (numerator, denominator) => `${numerator} of ${denominator} dossiers on time`,
  noDossiers: "No dossier in the period yet",
  place: (place, all) => `Place ${place} of ${all} units`,
  tied: (place, tied, all) => `Place ${place}, shared by ${tied}, of ${all} units`,
  noPlace: "Too few dossiers for a place",
  since: {
    day: "since midnight",
    month: "since the month began",
    half: "since the half-year began",
  },
  points: (text) => `${text} points`,
  unchanged: "unchanged",
  up: (text) => `up ${text} points`,
  down: (text) => `down ${text} points`,
  placesUp: (n) => `up ${n} ${n === "1" ? "place" : "places"}`,
  placesDown: (n) => `down ${n} ${n === "1" ? "place" : "places"}`,
  samePlace: "same place",
  noComparison: "nothing to compare",
  why: "Why this figure?",
  stale: (time) => `No new data since ${time}: the figures may no longer be true.`,
  incidentOpenPlain: "Incident open",
  incidentOpen: (since) => `Incident open since ${since}`,
  heldBy: (who) => `taken on by ${who}`,
  heldByNobody: "nobody has taken it on",
  profileAway:
    "The worker that holds this unit’s details does not answer just now. The page asks again by itself.",
  unknown: (unit) => `No figures of unit ${unit} yet.`,
  asTable: "Show as a table",

  series: "Share on time, last 60 days",
  seriesSummary: ({ first, last, low, lowDay }) =>
    `From ${first} to ${last}. The lowest was ${low} on ${lowDay}.`,
  seriesNone: "No dossier was in the period on any of the last 60 days.",
  seriesBelow: (days) =>
    days ? `Below green on ${days} ${days === "1" ? "day" : "days"}.` : "Never below green.",
  day: "Day",
  share: "Share",
  greenFrom: (share) => `Green from ${share}`,
  yellowFrom: (share) => `Yellow from ${share}`,
  arrows: "The left and right arrow keys read it day by day.",

  weeks: "Results by week, last 26 weeks",
  weeksSummary: (all, late, share) =>
    `${all} dossiers resolved, ${late} late${share ? ` (${share})` : ""}.`,
  week: "Week from",
  running: "this week",
  early: "Early",
  on_time: "On time",
  late: "Late",
  total: "Total",

  backlog: "Open dossiers by time to due",
  backlogSummary: (all, overdue) =>
    all ? `${all} open dossiers, ${overdue} overdue.` : "No open dossiers.",
  backlogBucket: "Due",
  buckets: {
    overdue_30d: "Overdue more than 30 days",
    overdue_7d: "Overdue 7 to 30 days",
    overdue_1d: "Overdue 1 to 7 days",
    overdue: "Overdue up to 1 day",
    due_1d: "Due within 1 day",
    due_7d: "Due in 1 to 7 days",
    due_30d: "Due in 7 to 30 days",
    due_later: "Due in more than 30 days",
    paused: "Paused (papers or fee awaited)",
    no_due: "No due date",
  },
  dossiers: "Dossiers",

  channels: "Channels",
  channel: "Channel",
  channelNames: { online: "Online", direct: "At the desk", post: "By post" },
  levels: "Level of the online service",
  level: "Level",
  levelNames: {
    2: "Level 2",
    3: "Level 3",
    4: "Level 4",
    partial: "Partly online",
    full: "Fully online",
  },
  unstated: "Not stated",
  shareOfResolved: "Part",
  resolved: "Resolved",
  onTimeShare: "On time",
  noneResolved: "No dossier was resolved in the period.",

  procedures: "Procedures with most late and overdue dossiers",
  procedure: "Procedure",
  overdue: "Overdue now",
  noProcedures: "No procedure has a late or overdue dossier.",

  atRisk: "Dossiers overdue and due next",
  atRiskNote: (shown, total) => `the ${shown} most urgent of ${total}`,
  atRiskNone: "No dossier’s clock is running.",
  dossier: "Dossier",
  dueWords: "Time left",
  dueAt: "Due",
  states: { overdue: "Overdue", due_soon: "Due soon", within: "Within time" },
  overdueBy: (span) => `overdue by ${span}`,
  dueIn: (span) => `due in ${span}`,
  more: "Show more",

  integrity: "Dates told or changed afterwards",
  integrityShare: (share, parts) => `${share} of the resolved dossiers (${parts}) bear no sign.`,
  integrityNote: "This is what happened and no finding of fault: most of it has a lawful reason.",
  sign: "What happened",
  signs: {
    end_at_due_told_late: "Ended at the very due instant, and told long after",
    due_moved_after_breach: "Due date moved after it had passed",
    supplement_on_last_day: "Supplement asked for on the last day",
    second_supplement: "Supplement asked for again",
    late_end_voided: "A late end was taken back",
  },
  burst: (count, from, to) => `${count} corrections came in from ${from} to ${to}.`,

  outlook: "What lies ahead",
  outlookAt: (time) => `Computed at ${time}`,
  nothingClosedLeaves: (time, figure) =>
    `If no dossier is resolved from now on: it leaves green at ${time}, with ${figure}.`,
  nothingClosedStays: (time) =>
    `If no dossier is resolved from now on: it stays green until ${time}.`,
  paceLeaves: (time, figure) =>
    `If the pace of the last ten working days holds: it leaves green at ${time}, with ${figure}.`,
  paceStays: (time) =>
    `If the pace of the last ten working days holds: it stays green until ${time}.`,
  noPace: "No dossier ended in the last ten working days, so there is no pace to forecast by.",
  keepGreen: (n, time) =>
    `To stay green until ${time}: resolve ${n === "1" ? "this dossier" : `these ${n} dossiers`} on time.`,
  keepNone: "Nothing more is needed to stay green.",
  keepImpossible: (time) =>
    `Resolving every open dossier on time does not keep it green until ${time}.`,
  wayBack: (n, time) =>
    `To be green again: resolve ${n} ${n === "1" ? "dossier" : "dossiers"} on time${time ? `, by ${time}` : ""}, and let no other become late.`,
  wayBackDossiers: "Dossiers that can still be on time, most urgent first:",
  wayBackImpossible: (time) =>
    `It cannot be green again before ${time}, even if every dossier ends on time from now on: the late ones are still in the period.`,
  unnamed: (n) => `and ${n} more`,
  noOutlook: "There is no forecast for this unit yet.",
  noOutlookGrey: "Too few dossiers to forecast.",
  onlyNow: "There is a forecast only for now, not for the past.",
  ofPrimary: (definition, window) => `By the primary indicator: ${definition}, ${window}.`,

  incidents: "Incidents of the unit",
  noIncidents: "The unit has had no incident.",
  allIncidents: "All incidents of the unit",
};
