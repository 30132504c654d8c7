extension FetchRequest { public var summary: String { "" }; public var isRoutine: Bool { false } }
extension FetchReply { public var summary: String { "" }; public var isRoutine: Bool { false } }
extension EpochEndRequest { public var summary: String { "" } }
extension EpochEndReply { public var summary: String { "" } }
extension ProduceRequest { public var summary: String { "" } }
extension ProduceReply { public var summary: String { "" } }
extension GroupRequest { public var summary: String { "" }; public var isRoutine: Bool { false } }
extension GroupReply { public var summary: String { "" }; public var isRoutine: Bool { false } }
