extension GroupRequest { public var summary: String { "" }; public var isRoutine: Bool { false }; var group: String { "" } }
extension GroupReply { public var summary: String { "" }; public var isRoutine: Bool { false } }
