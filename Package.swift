// swift-tools-version: 6.2
import PackageDescription

// Floors: each target imports only targets of a lower floor. `Tests/TidyTests` holds the same list and fails
// on any other import. Hot floors are `public`, not `package`: the optimiser specialises generics across
// modules only for public declarations (measured: 17 M simulated events/s against 1.2 M/s).
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// Scripts for the linker.
let linking = "\(Context.packageDirectory)/Sources/baedal/Linking"

/// How the release build is linked: for a start with little to do, and few pages of its own afterwards.
///
/// - All libraries but C's are within it; they would otherwise be looked for and bound anew at every start. Foundation's parts
///   are named because only a build that is static from the compiler on would know them. The system's libraries are asked
///   for by name, some by packages that know of no archives: the linker finds a script in `Linking`, which takes the archive.
/// - Its addresses are fixed (no position-independent executable), as Go's are: 148,000 of them would otherwise be written
///   at every start, into 1.5 MB of pages that no process then shares with another. The stack, the heap and the libraries
///   lie at random addresses all the same.
/// - Nobody looks its symbols up by name, 56,000 of them; the runtime would go through all for where the program lies.
/// - LLVM's linker keeps constants apart from what is written, by `Linking/constants.ld`.
let selfContained: [LinkerSetting] = [
  .unsafeFlags(
    [
      "-static-stdlib", "-lFoundationInternationalization", "-lFoundationEssentials", "-lCoreFoundation",
      "-l_FoundationCShims", "-l_FoundationCollections", "-l_FoundationICU", "-lswiftSynchronization",
      "-use-ld=lld", "-Xclang-linker", "-no-pie", "-Xlinker", "--no-export-dynamic",
      "-L\(linking)", "-Xlinker", "--script=\(linking)/constants.ld",
    ], .when(platforms: [.linux], configuration: .release))
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

func floor(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// A floor on which searches and sweeps spend their time. It is optimised in debug builds too: the suites run whole worlds,
/// and take 7 minutes of a processor so instead of 22.
func hot(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies,
    swiftSettings: settings + [.unsafeFlags(["-O"], .when(configuration: .debug))])
}

func suite(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let package = Package(
  name: "Baedal",
  products: [.executable(name: "baedal", targets: ["baedal"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    // 0
    .target(name: "CChecksum"),
    .target(name: "CMemoryFile"),
    .target(name: "CPrefetch"),
    .systemLibrary(
      name: "CMarkdown", providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
    .target(name: "CLineEditor", linkerSettings: [.linkedLibrary("edit")]),
    .target(name: "CKafkaClient"),
    .systemLibrary(
      name: "CCodecs", providers: [.apt(["zlib1g-dev", "libsnappy-dev", "liblz4-dev", "libzstd-dev"])]),
    .target(name: "CDatabase", linkerSettings: [.linkedLibrary("sqlite3")]),
    hot("Bytes", ["CChecksum"]),
    hot("Clockwork"),
    hot("Codecs", ["CCodecs"]),
    floor("Converging"),
    // 1
    hot("Histories", ["Clockwork"]),
    hot("RecordLog", ["Bytes", "Clockwork", "Codecs", "CMemoryFile"]),
    floor("KafkaWire", ["Bytes"]),
    floor("Scram", [crypto]),
    hot("EventSourcing", ["Bytes", "Clockwork", collections]),
    // 2
    hot("Delivery", ["Bytes", "Clockwork", "EventSourcing", collections]),
    floor("VersionStore", ["Histories"]),
    hot("Broker", ["Bytes", "Clockwork", "Codecs", "RecordLog"]),
    hot("AtomicCommit", ["Clockwork"]),
    // 3
    hot("DeliveryEngine", ["Clockwork", "RecordLog", "EventSourcing", "Broker", "Delivery"]),
    hot("DualWrite", ["Clockwork", "Delivery"]),
    // 4
    hot(
      "Simulation",
      [
        "Clockwork", "RecordLog", "EventSourcing", "Broker", "Delivery", "DeliveryEngine", "DualWrite", "AtomicCommit",
        "CPrefetch",
      ]),
    floor("DatabaseLab", ["CDatabase", "Histories", "VersionStore"]),
    floor(
      "BrokerServer",
      [
        "Bytes", "Clockwork", "Codecs", "RecordLog", "KafkaWire", "Scram", "Broker", "CMemoryFile", collections,
        logging, nioCore, nioPosix, nioHTTP, nioSSL,
      ]),
    floor(
      "DeliveryRuntime", ["Bytes", "Clockwork", "RecordLog", "EventSourcing", "Delivery", "CKafkaClient", grdb]),
    floor("CheckoutServer", ["Bytes", "Clockwork", "RecordLog", "AtomicCommit", grdb]),
    // 5
    floor(
      "Workbench",
      [
        "Bytes", "Clockwork", "Converging", "EventSourcing", "Histories", "VersionStore", "DatabaseLab", "RecordLog",
        "Broker", "AtomicCommit", "Delivery", "DeliveryEngine", "DualWrite", "Simulation", "BrokerServer",
        argumentParser,
      ]),
    // 6
    floor("Notebook", ["Clockwork", "Workbench", "CMarkdown", yams]),
    // 7
    floor("Console", ["CLineEditor", "Clockwork", "Workbench"]),
    // 8
    .executableTarget(
      name: "baedal",
      dependencies: [
        "Clockwork", "EventSourcing", "AtomicCommit", "Delivery", "Broker", "BrokerServer", "CheckoutServer",
        "Simulation", "DeliveryRuntime", "Workbench", "Notebook", "Console", argumentParser, logging, lifecycle,
        signals,
      ],
      exclude: ["Linking"], swiftSettings: settings, linkerSettings: selfContained),
    .executableTarget(
      name: "baedal-bench",
      dependencies: [
        "Bytes", "Clockwork", "EventSourcing", "Histories", "RecordLog", "Delivery", "Broker", "AtomicCommit",
        "Simulation", "DeliveryRuntime", argumentParser,
      ],
      swiftSettings: settings),
    // suites
    suite("TidyTests", []),
    suite("BytesTests", ["Bytes", "Clockwork"]),
    suite("EventSourcingTests", ["EventSourcing", "Bytes", "Clockwork"]),
    suite("KafkaWireTests", ["KafkaWire", "Bytes", "Clockwork"], exclude: ["Golden"]),
    suite("ScramTests", ["Scram"]),
    suite("StreamTests", ["EventSourcing", "Bytes", "Clockwork"]),
    suite("ComparisonTests", ["Clockwork", "Delivery", "DeliveryEngine", "DualWrite", "Simulation"]),
    suite("DispatchTests", ["Delivery", "Clockwork"]),
    suite(
      "DeliveryEngineTests",
      ["DeliveryEngine", "Delivery", "EventSourcing", "Broker", "Simulation", "RecordLog", "Clockwork"]),
    suite("DeliveryTests", ["Delivery", "EventSourcing", "Bytes", "Clockwork"]),
    suite("GroupTests", ["Broker", "RecordLog", "Bytes", "Clockwork"]),
    suite("HistoriesTests", ["Histories", "Clockwork"]),
    suite("ConvergingTests", ["Converging"]),
    suite("DatabaseLabTests", ["DatabaseLab", "CDatabase", "VersionStore", "Histories"]),
    suite("VersionStoreTests", ["VersionStore", "Histories", "Clockwork"]),
    suite("CodecsTests", ["Codecs", "Clockwork"]),
    suite("RecordLogTests", ["RecordLog", "Bytes", "Clockwork", "Codecs"]),
    suite("BrokerTests", ["Bytes", "Clockwork", "RecordLog", "Broker"]),
    suite("AtomicCommitTests", ["AtomicCommit", "Clockwork", "Simulation"]),
    suite("CheckoutServerTests", ["CheckoutServer", "AtomicCommit", "RecordLog", "Clockwork", grdb]),
    suite("ReplicationTests", ["Clockwork", "RecordLog", "Broker", "Simulation"]),
    suite(
      "BrokerServerTests",
      [
        "BrokerServer", "Broker", "RecordLog", "Bytes", "Clockwork", "Codecs", "KafkaWire", "Scram", nioCore, nioPosix,
        logging,
      ]),
    suite("NotebookTests", ["Notebook", "Workbench", "Clockwork"]),
    suite("ClockworkTests", ["Clockwork"]),
    suite("SimulationTests", ["Clockwork", "Simulation"]),
    suite("WorkbenchTests", ["Workbench", "Clockwork", "Simulation"], exclude: ["Golden"]),
    suite("LessonTests", ["Notebook", "Workbench", "Clockwork"]),
    suite(
      "DeliveryRuntimeTests",
      [
        "DeliveryRuntime", "Delivery", "DeliveryEngine", "EventSourcing", "Broker", "BrokerServer", "Simulation",
        "CKafkaClient", "Clockwork", "RecordLog", logging, grdb,
      ]),
    suite("ConsoleTests", ["Console", "Workbench"]),
  ]
)
