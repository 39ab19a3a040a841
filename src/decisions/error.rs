//! What four eyes, the three systems and the keeping of documents refuse.

use crate::refusals;

refusals! {
    /// What decisions refuse.
    DecisionRefusal {
        /// The decider is the proposer.
        OwnProposal {} => Denied "AUT_OWN_PROPOSAL" at "": "不得审批自己提出的事项", "nobody decides on their own proposal", basis "行政处罚法第五十八条、三项制度：职责分离";
        /// The decider stood in for the proposer, or the other way round, since the proposal.
        BoundToProposer {} => Denied "AUT_BOUND_TO_PROPOSER" at "": "您与提出人之间存在委托代办关系，不得审批该事项", "a delegation has bound you and the proposer since the proposal", basis "行政处罚法第五十八条、三项制度：职责分离";
        /// A program where a second person is asked for.
        ProgramDecides {} => Denied "AUT_PROGRAM_DECIDES" at "": "该事项须由另一名工作人员决定，程序不得代替", "a second person decides this, and a program is none", basis "行政处罚法第五十八条、三项制度：职责分离";
        /// The delegation was taken back or has ended.
        DelegationOver {} => Conflict "AUT_DELEGATION_OVER" at "": "该委托已结束", "the delegation is over already";
        /// A file of a calendar that is no table.
        CalendarUnreadable { reason } => Refused "API_CALENDAR_UNREADABLE" at "": "文件无法读取：{reason}", "the file cannot be read: {reason}";
        /// Its first line names other columns.
        CalendarHeader {} => Refused "API_CALENDAR_HEADER" at "": "首行须为两列：date（日期）、kind（类型）", "the first line must name two columns: date and kind";
        /// A line with another number of cells.
        CalendarRow { cells } => Refused "API_CALENDAR_ROW" at "": "本行有 {cells} 列，须为 2 列", "the line has {cells} cells instead of 2";
        /// A day that is listed twice.
        CalendarDayTwice { day } => Refused "API_CALENDAR_DAY_TWICE" at "": "{day} 重复出现", "{day} is listed twice";
        /// A day of the week that is worked anyway.
        CalendarWeekday { day } => Refused "API_CALENDAR_WEEKDAY" at "kind": "{day} 本为工作日，且未登记为放假日，不能列为调休上班", "{day} is worked anyway: it is no weekend day, and was not listed as a holiday";
        /// More lines than a calendar has.
        CalendarTooLong { most } => Refused "API_CALENDAR_TOO_LONG" at "": "一个文件至多 {most} 天", "a file lists {most} days at most";
        /// Nothing is listed.
        CalendarEmpty {} => Refused "API_CALENDAR_EMPTY" at "": "文件未列出任何日期", "the file lists no day";
        /// The reviewer is the proposer, or decides too.
        OwnReview {} => Denied "AUT_OWN_REVIEW" at "": "法制审核人员不得同时为提出人或决定人", "whoever reviews a decision neither proposes nor makes it", basis "行政处罚法第五十八条：法制审核";
        /// Somebody else works on it.
        ClaimedByAnother {} => Conflict "TSK_CLAIMED" at "": "该事项已由他人认领", "somebody else has claimed the task";
        /// Nobody holds it, or somebody else does.
        NotClaimedByYou {} => Conflict "TSK_NOT_CLAIMED" at "": "您未认领该事项", "you have not claimed the task";
        /// It is over.
        TaskOver { state } => Conflict "TSK_OVER" at "": "该事项已办结（{state}）", "the task is over: {state}";
        /// It went to the head when its deadline passed.
        Escalated {} => Denied "TSK_ESCALATED" at "": "该事项已逾期上报负责人", "the task passed its deadline and went to the head";
        /// Only the proposer takes a proposal back.
        NotYourProposal {} => Denied "TSK_NOT_YOUR_PROPOSAL" at "": "只有提出人可以撤回", "only the proposer takes a proposal back";
        /// It waits for a decision about something that has an act of its own by which it is taken back.
        NoProposal { act } => Conflict "TSK_NO_PROPOSAL" at "": "{act} 须按其自身业务流程撤回", "{act} is taken back by its own operation";
        /// The same is proposed already.
        WaitsAlready {} => Conflict "TSK_WAITS_ALREADY" at "": "该事项已提交，正在等待审批", "the same is proposed already and waits for a decision";
        /// A no without a reason.
        ReasonMissing {} => Refused "TSK_REASON_MISSING" at "reason": "不予批准须说明理由", "a refusal needs its reason", basis "行政许可法第三十八条";
        /// A major decision that nobody has reviewed.
        ReviewMissing {} => Conflict "DEC_REVIEW_MISSING" at "": "重大决定须先经法制审核", "a major decision is reviewed before it is made", basis "行政处罚法第五十八条：法制审核";
        /// The review objected.
        ReviewObjected {} => Conflict "DEC_REVIEW_OBJECTED" at "": "法制审核未通过，不得作出决定", "the legal review objected: the decision cannot be made", basis "行政处罚法第五十八条：法制审核";
        /// The record is in another state.
        WrongState { state, needed } => Conflict "DEC_WRONG_STATE" at "": "决定当前状态为 {state}，需为 {needed}", "the decision is {state}, it would have to be {needed}";
        /// A change before the decision or after today.
        BadChange { from, today } => Refused "DEC_BAD_CHANGE" at "changed_on": "变更日期须在 {from} 至 {today} 之间", "a change lies between {from} and {today}";
        /// Text that is written in another way, mostly in GBK, as spreadsheets save it.
        NotUtf8 {} => Refused "DOC_NOT_UTF8" at "content": "文本须为 UTF-8 编码，请在表格软件中另存为“CSV UTF-8”", "the text is not UTF-8: save it as “CSV UTF-8”";
        /// No such type of document is taken.
        TypeNotAllowed { known } => Refused "DOC_TYPE_NOT_ALLOWED" at "content": "文件内容须为以下类型之一：{known}", "what the document holds is none of {known}";
        /// The document is not what it says it is.
        TypeDiffers { found } => Refused "DOC_TYPE_DIFFERS" at "content-type": "文件内容实为 {found}，与声明的类型或扩展名不符", "the document holds {found}, which is not its declared type or the ending of its name";
        /// The document is empty.
        Empty {} => Refused "DOC_EMPTY" at "content": "文件为空", "the document is empty";
        /// The name is missing or no name of a file.
        BadName {} => Refused "DOC_BAD_NAME" at "content-disposition": "请在 Content-Disposition 中提供文件名", "Content-Disposition must carry the name of a file: filename*=UTF-8''…";
        /// There is no such document of the caller's organisation.
        UnknownDocument { id } => Refused "DOC_UNKNOWN" at "documents": "本单位没有文件 {id}", "your organisation has no document {id}";
        /// A hash beside a document that is not its own.
        HashDiffers {} => Refused "DOC_HASH_DIFFERS" at "document_hash": "文件哈希与所附文件不一致", "the hash is not that of the documents beside it";
        /// Neither a document nor the hash of one.
        DocumentMissing {} => Refused "DOC_MISSING" at "documents": "请附文件或其哈希", "name a document, or the hash of one";
    }
}
