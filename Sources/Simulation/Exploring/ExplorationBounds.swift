/// How far an exhaustive search goes, and which faults it may let happen.
///
/// Every fault is bounded, so that the space is finite wherever the nodes' own states are; what is not bounded is the
/// order in which things happen.
public struct ExplorationBounds: Hashable, Sendable {
  /// When time-outs may strike. There is no time in a search: a timer that is armed may ring at any moment, or late.
  public enum Timing: String, Hashable, Sendable, CaseIterable {
    /// Only while nothing is under way and no disk is busy, and first those of nodes that wait for somebody who crashed: a
    /// time-out means a failure, as where delays are bounded and known. The others ring when none of these is left, or
    /// once the network has failed.
    case quiet
    /// At any moment: a slow message looks like a lost one.
    case any
  }

  /// What becomes of a message that has arrived.
  public enum Network: String, Hashable, Sendable, CaseIterable {
    /// It is gone.
    case forgets
    /// It may arrive again, and for ever: loss, duplication and delay at once, as in most TLA+ specifications.
    case remembers
  }

  /// Processes that die, each keeping what it wrote. A death may fall between any two of the messages of one step.
  public var crashes = 0
  /// Machines that lose power, and with it what their disks had not synced. Syncs then take a step of their own;
  /// otherwise a write is durable when it is written, since only a power failure tells the difference.
  public var powerFailures = 0
  /// The dead may come back.
  public var restarts = false
  public var losses = 0
  public var duplicates = 0
  /// How often the nodes may be parted in two halves. What is under way from one to the other is lost, as is what is
  /// sent. Healing costs nothing.
  public var cuts = 0
  public var timing = Timing.quiet
  public var network = Network.forgets
  /// How many identical messages may be under way at once; one more is taken for one of them.
  public var copies = 1

  /// Bytes.
  public var memory = 2 << 30
  public var depth = Int.max
  public var states = Int.max
  /// Goes on behind the first broken claim and counts them.
  public var keepsGoing = false
  /// Keeps who leads where, to find the states that never settle.
  public var findsBlocked = true
  /// Counts states that differ only in the names of interchangeable nodes once.
  public var usesSymmetry = false
  /// What a node sends in one step leaves it in any order, so that one that dies on the way has reached any of them, not
  /// only the first few. With symmetry it is always so: an order would tell the receivers apart.
  public var sendsInAnyOrder = false

  public init() {}

  /// What a search counts of each kind of fault fits four bits.
  public static let mostFaults = 15

  var syncsTakeSteps: Bool { powerFailures > 0 }
  var ordersNothing: Bool { usesSymmetry || sendsInAnyOrder }
}
