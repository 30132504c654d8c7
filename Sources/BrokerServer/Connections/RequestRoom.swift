import Clockwork

/// How many bytes of requests a node holds in memory, over all connections: those under way, and those that are still
/// coming in (queued.max.request.bytes).
///
/// When it is full nobody is read from, but for one connection that is in the middle of a request: were every byte of it
/// taken by halves of requests, none could ever be completed.
struct RequestRoom {
  private let limit: Int
  private var held = 0
  private var favoured: NodeID?
  /// Who waits to be read from, in that order.
  private var waiting: [NodeID] = []

  init(limit: Int) { self.limit = limit }

  var isFull: Bool { held >= limit }

  /// Whether to read from a connection; if not, it is among those that `released` tells later.
  mutating func admits(_ connection: NodeID, isMidFrame: Bool) -> Bool {
    guard isFull else { return true }
    if favoured == nil, isMidFrame { favoured = connection }
    if favoured == connection, isMidFrame { return true }
    if !waiting.contains(connection) { waiting.append(connection) }
    return false
  }

  /// What a connection holds has changed.
  mutating func change(_ bytes: Int, of connection: NodeID, isMidFrame: Bool) {
    held += bytes
    if favoured == connection, !isMidFrame || bytes < 0 { favoured = nil }
  }

  /// The connections to try again, now that there is room or that another one may be favoured.
  mutating func released() -> [NodeID] {
    guard !waiting.isEmpty, !isFull || favoured == nil else { return [] }
    defer { waiting = [] }
    return waiting
  }
}
