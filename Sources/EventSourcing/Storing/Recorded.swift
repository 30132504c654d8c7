public import Clockwork

/// An event as the log holds it: what happened, to whom, when, because of which command, and where it stands.
public struct Recorded<Event: Sendable>: Sendable {
  public var position: Position
  public var entity: EntityID
  /// Counts the entity's own events from 1: the version that it has once this one is applied.
  public var version: UInt64
  /// What made it happen.
  public var cause: CommandID
  /// When it was decided, by the clock of who decided it.
  public var at: Instant
  public var event: Event

  @inlinable public init(
    position: Position, entity: EntityID, version: UInt64, cause: CommandID, at: Instant, event: Event
  ) {
    self.position = position
    self.entity = entity
    self.version = version
    self.cause = cause
    self.at = at
    self.event = event
  }
}

extension Recorded: Equatable where Event: Equatable {}
extension Recorded: Hashable where Event: Hashable {}
