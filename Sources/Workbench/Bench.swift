import Clockwork
import Simulation

/// A cluster to work on, its past and its forks: the thing that commands are carried out on.
///
/// A value: keeping a snapshot is an assignment, and the same seed and the same lines give the same answers anywhere.
public struct Bench: Sendable {
  /// A world kept under a name.
  struct NamedFork: Sendable {
    var name: String
    var timeline: Timeline<ClusterNode>
    var apparatus: Apparatus
    var undo: [UndoMark]
  }

  /// Where the world was before a command changed it.
  struct UndoMark: Sendable {
    var line: String
    var position: Timeline<ClusterNode>.Position
    /// What stood beside the cluster, if the command changed it.
    var apparatus: Apparatus?
  }

  /// A consumption that was asked for; what came of it is asked of the client in the world at hand.
  struct Consumption: Hashable, Sendable {
    var client: NodeID
    var ticket: UInt32
    var partition: PartitionName
  }

  public private(set) var seed: UInt64
  /// How wide answers may be, in columns. The console sets it; scripts keep 80.
  public var width = 80
  /// Diagrams and tables without box-drawing characters.
  public var isASCII = false

  var timeline: Timeline<ClusterNode>
  /// What stands beside the cluster.
  var apparatus = Apparatus() { didSet { apparatusChanges += 1 } }
  /// Counts the changes: comparing what stands there itself may cost much.
  private var apparatusChanges = 0
  /// The name of the fork that the world at hand is.
  var forkName = Bench.firstFork
  /// The other forks, by name.
  var forks: [NamedFork] = []
  /// Oldest first.
  var undo: [UndoMark] = []
  /// The line being carried out.
  var line = ""
  /// Events of a recorded future that the present command has dropped.
  var dropped = 0
  /// Never goes back, so that a ticket means one command in all forks.
  var lastTicket: UInt32 = 0
  var consumptions: [Consumption] = []

  /// The cluster on the wall clock, if one runs. One for all copies of the bench: real time has no snapshots.
  let live: LiveHold

  static let firstFork = "main"
  /// How far `back` without a number goes.
  static let mostUndo = 1000

  /// An empty bench: no cluster yet.
  public init(seed: UInt64) { self.init(seed: seed, live: LiveHold()) }

  private init(seed: UInt64, live: LiveHold) {
    self.seed = seed
    self.live = live
    timeline = Bench.empty(seed)
  }

  /// How many commands `back` can undo.
  public var undoable: Int { undo.count }

  /// Whether nothing has been done to it yet.
  public var isEmpty: Bool { timeline.end.event == 0 && forks.isEmpty && apparatusChanges == 0 }

  /// Starts anew with another seed.
  mutating func restart(seed: UInt64) {
    var fresh = Bench(seed: seed, live: live)
    (fresh.width, fresh.isASCII) = (width, isASCII)
    self = fresh
  }

  private static func empty(_ seed: UInt64) -> Timeline<ClusterNode> {
    var world = ClusterWorld(seed: seed)
    world.invariants = [Chronicle()]
    return Timeline(world)
  }
}

// MARK: - Lines

extension Bench {
  /// Carries out one line. Never throws: what went wrong is in the answer, and then nothing has changed.
  public mutating func run(_ line: String, _ errand: Errand = .quiet) -> Answer {
    do throws(Refusal) {
      switch try Shell.parse(line) {
      case .nothing: return Answer()
      case .help(let path): return Answer(.done, HelpPage.lines(path))
      case .command(let command, _): return try carryOut(command, line, errand)
      }
    } catch {
      return error.answer
    }
  }

  private mutating func carryOut(
    _ command: any BenchCommand, _ line: String, _ errand: Errand
  ) throws(Refusal) -> Answer {
    if let live = live.world, !(command is any LiveCommands.Member) {
      return try LiveCommands.carryOut(command, on: live, self, errand)
    }
    let (before, kept, changes) = (timeline.position, apparatus, apparatusChanges)
    self.line = line
    dropped = 0
    var answer = try command.run(&self, errand)
    let hasChangedApparatus = apparatusChanges != changes
    if type(of: command).changesWorld, timeline.position != before || hasChangedApparatus {
      undo.append(
        UndoMark(
          line: Words(line).words.map { Words.quoted($0.text) }.joined(separator: " "), position: before,
          apparatus: hasChangedApparatus ? kept : nil))
      if undo.count > Self.mostUndo { undo.removeFirst() }
    }
    if dropped > 0 {
      answer.lines.append(
        Line(
          "This dropped the \(counted(dropped, "event")) that came after. A fork made before keeps them.",
          .faint))
    }
    return answer
  }

  /// Judges the text that follows `expect`. Changes nothing.
  public func judge(_ claim: String) -> Verdict {
    do throws(Refusal) {
      let parsed = try ClaimParser.parse(Words(claim).words.map(\.text))
      if let live = live.world { return LiveFacts(live).judge(parsed, saying: claim) }
      return Judge(WorldFacts(self)).judge(parsed, saying: claim)
    } catch {
      return Verdict(.unknown, claim: claim, evidence: [error.text], next: "help expect")
    }
  }
}
