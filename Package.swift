// swift-tools-version: 6.2
import PackageDescription

/// The house settings: every target builds with these and with every warning an error.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]
/// Lets a module declare values that may not outlive what they look at (`Context`, `JSONReader`).
let lifetimes: [SwiftSetting] = house + [.enableExperimentalFeature("Lifetimes")]

/// The programs' code in the order in which it runs, made by Benchmarks/order/make.py: a book needs a third of it, and
/// nearly all of it came into memory. For programs alone, so that whoever depends on the library meets no unsafe flag.
let order = "\(Context.packageDirectory)/Benchmarks/order/functions.txt"
let ordered: [LinkerSetting] = [
    .unsafeFlags(["-use-ld=lld"], .when(configuration: .release)),
    .unsafeFlags(["-Xlinker", "--symbol-ordering-file=\(order)"], .when(configuration: .release)),
    // It may name what was there when it was made.
    .unsafeFlags(["-Xlinker", "--no-warn-symbol-ordering"], .when(configuration: .release)),
]

let package = Package(
    name: "outcry",
    products: [
        .library(name: "Outcry", targets: ["Outcry"]),
        .executable(name: "outcry", targets: ["outcry"]),
    ],
    targets: [
        // A: what Swift cannot import.
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "COutcryBits"),
        // Recorded market data as bytes of the program, by C's `#embed`: SwiftPM's `embedInCode`
        // makes a literal that takes the Swift compiler two minutes.
        .target(name: "COutcryRecordings", exclude: ["Data"]),
        .target(name: "COutcrySystem"),
        // Pages of servers, by `#embed` too.
        .target(name: "COutcryPages", exclude: ["Pages"]),
        // B: values, bytes to messages.
        .target(name: "OutcryBytes", swiftSettings: house),
        .target(name: "OutcryMarket", swiftSettings: house),
        .target(name: "OutcryCrypto", dependencies: ["COpenSSL"], swiftSettings: house),
        .target(
            name: "OutcryWire",
            dependencies: ["COutcryBits", "CZlib", "OutcryBytes", "OutcryCrypto"],
            swiftSettings: lifetimes),
        // C: the kernel.
        .target(name: "OutcryKernel", dependencies: ["OutcryBytes"], swiftSettings: lifetimes),
        // D: drivers.
        .target(
            name: "OutcryJournal",
            dependencies: [
                "COutcryBits", "OutcryBytes", "OutcryCrypto", "OutcryKernel", "OutcryWire",
            ], swiftSettings: house),
        .target(
            name: "OutcryReactor",
            dependencies: [
                "COpenSSL", "COutcrySystem", "OutcryBytes", "OutcryCrypto", "OutcryJournal",
                "OutcryKernel", "OutcrySimulation", "OutcryWire",
            ], swiftSettings: house),
        .target(
            name: "OutcrySimulation", dependencies: ["OutcryBytes", "OutcryKernel"],
            swiftSettings: house),
        // E: the exchange side.
        .target(
            name: "OutcryComponents",
            dependencies: [
                "OutcryBytes", "OutcryCrypto", "OutcryKernel", "OutcryMarket", "OutcryWire",
            ], swiftSettings: house),
        .target(
            name: "OutcryVenues",
            dependencies: [
                "OutcryBytes", "OutcryComponents", "OutcryCrypto", "OutcryKernel", "OutcryMarket",
                "OutcryWire",
            ],
            exclude: ["MtGox/CALLS.md"], swiftSettings: house),
        // F: servers, and what they share of a venue's own side.
        .target(
            name: "OutcryServing",
            dependencies: [
                "CSQLite", "OutcryComponents", "OutcryCrypto", "OutcryKernel", "OutcryMarket",
                "OutcryVenues", "OutcryWire",
            ], swiftSettings: house),
        .target(
            name: "OutcrySandbox",
            dependencies: [
                "COutcryRecordings", "OutcryBytes", "OutcryComponents", "OutcryCrypto",
                "OutcryKernel", "OutcryMarket", "OutcryServing", "OutcryVenues", "OutcryWire",
            ],
            exclude: ["CALLS.md"], swiftSettings: house),
        .target(
            name: "OutcrySafetyNet",
            dependencies: [
                "COutcryPages", "OutcryComponents", "OutcryCrypto", "OutcryKernel",
                "OutcryMarket", "OutcryServing", "OutcryVenues", "OutcryWire",
            ], swiftSettings: house),
        .target(
            name: "Outcry",
            dependencies: [
                "OutcryBytes", "OutcryComponents", "OutcryCrypto", "OutcryJournal", "OutcryKernel",
                "OutcryMarket", "OutcryReactor", "OutcrySimulation", "OutcryVenues", "OutcryWire",
            ], swiftSettings: house),
        // G: programs.
        .executableTarget(
            name: "outcry",
            dependencies: [
                "Outcry", "OutcryJournal", "OutcryMarket", "OutcrySafetyNet", "OutcrySandbox",
            ],
            swiftSettings: house, linkerSettings: ordered),
        .executableTarget(
            name: "lowball", dependencies: ["Outcry"], path: "Examples/lowball",
            swiftSettings: house),
        // Each runs against a sandbox of its own where it is not told another.
        .executableTarget(
            name: "market-maker", dependencies: ["Outcry", "OutcrySandbox"],
            path: "Examples/market-maker", swiftSettings: house),
        .executableTarget(
            name: "thousand-orders", dependencies: ["Outcry", "OutcrySandbox"],
            path: "Examples/thousand-orders", swiftSettings: house),
        .executableTarget(
            name: "arbitrage", dependencies: ["Outcry", "OutcrySandbox"],
            path: "Examples/arbitrage", swiftSettings: house),
        .executableTarget(
            name: "spread-alarm", dependencies: ["Outcry", "OutcrySandbox"],
            path: "Examples/spread-alarm", swiftSettings: house),
        .executableTarget(
            name: "dust", dependencies: ["Outcry", "OutcrySandbox"], path: "Examples/dust",
            swiftSettings: house),
        .executableTarget(
            name: "trend", dependencies: ["Outcry", "OutcrySandbox"], path: "Examples/trend",
            swiftSettings: house),
        .executableTarget(
            name: "full-bot", dependencies: ["Outcry", "OutcrySandbox"],
            path: "Examples/full-bot", swiftSettings: house),
        .executableTarget(
            name: "price-watcher", dependencies: ["Outcry"], path: "Examples/price-watcher",
            swiftSettings: house),
        .executableTarget(
            name: "ticker", dependencies: ["Outcry"], path: "Examples/ticker",
            swiftSettings: house),
        .executableTarget(
            name: "outcry-peer", dependencies: ["Outcry"], path: "Tests/Conformance/Peer",
            swiftSettings: house),
        .target(name: "CAllocationCounter"),
        .executableTarget(
            name: "outcry-bench",
            dependencies: ["CAllocationCounter", "Outcry", "OutcryMeasuring"],
            path: "Benchmarks/outcry-bench", swiftSettings: house, linkerSettings: ordered),
        // A program of its own, which `outcry-bench engine` becomes: the sandbox would weigh on `ingest`.
        .executableTarget(
            name: "outcry-engine-bench",
            dependencies: [
                "CAllocationCounter", "OutcryKernel", "OutcryMarket", "OutcryMeasuring",
                "OutcrySandbox",
            ],
            path: "Benchmarks/outcry-engine-bench", swiftSettings: house),
        .target(name: "OutcryMeasuring", path: "Benchmarks/measuring", swiftSettings: house),
        // Tests.
        .testTarget(
            name: "OutcryJournalTests",
            dependencies: [
                "OutcryBytes", "OutcryJournal", "OutcryKernel", "OutcryReactor",
                "OutcrySimulation",
            ], swiftSettings: house),
        .testTarget(
            name: "OutcryVenuesTests",
            dependencies: [
                "OutcryComponents", "OutcryCrypto", "OutcryKernel", "OutcryMarket",
                "OutcrySimulation", "OutcryVenues", "OutcryWire",
            ],
            exclude: ["Recordings"], swiftSettings: house),
        .testTarget(
            name: "OutcryMarketTests", dependencies: ["OutcryMarket"], swiftSettings: house),
        .testTarget(
            name: "OutcryWireTests", dependencies: ["OutcryBytes", "OutcryCrypto", "OutcryWire"],
            swiftSettings: lifetimes),
        .testTarget(
            name: "OutcrySandboxTests",
            dependencies: [
                "OutcryBytes", "OutcryComponents", "OutcryCrypto", "OutcryKernel", "OutcryMarket",
                "OutcrySandbox", "OutcryServing", "OutcrySimulation", "OutcryVenues", "OutcryWire",
            ],
            swiftSettings: house),
        .testTarget(
            name: "OutcrySafetyNetTests",
            dependencies: [
                "OutcryBytes", "OutcryComponents", "OutcryCrypto", "OutcryKernel", "OutcryMarket",
                "OutcrySafetyNet", "OutcrySandbox", "OutcryServing", "OutcrySimulation",
                "OutcryVenues", "OutcryWire",
            ],
            swiftSettings: house),
        .testTarget(
            name: "OutcryComponentsTests",
            dependencies: [
                "OutcryBytes", "OutcryComponents", "OutcryJournal", "OutcryKernel", "OutcryMarket",
                "OutcryReactor", "OutcrySimulation", "OutcryWire",
            ],
            swiftSettings: house),
        .testTarget(
            name: "OutcryReactorTests",
            dependencies: [
                "COpenSSL", "COutcrySystem", "OutcryBytes", "OutcryKernel", "OutcryReactor",
            ],
            swiftSettings: house),
        .testTarget(
            name: "OutcryKernelTests",
            dependencies: [
                "CAllocationCounter", "OutcryBytes", "OutcryKernel", "OutcryReactor",
                "OutcrySimulation",
            ],
            swiftSettings: house),
        .testTarget(
            name: "OutcryCryptoTests", dependencies: ["OutcryCrypto"], swiftSettings: house),
        // What only the umbrella brings together: keys, and signers on real files.
        .testTarget(
            name: "OutcryTests", dependencies: ["Outcry", "OutcrySandbox"],
            swiftSettings: house),
        // Runs what was built, as processes.
        .testTarget(
            name: "OutcryProgramTests",
            dependencies: [
                "Outcry", "OutcryMarket", "OutcrySafetyNet", "OutcrySandbox", "arbitrage",
                "dust", "full-bot", "lowball", "market-maker", "outcry", "price-watcher",
                "spread-alarm", "thousand-orders", "ticker", "trend",
            ],
            swiftSettings: house),
        .testTarget(
            name: "OutcrySimulationTests",
            dependencies: ["OutcryBytes", "OutcryKernel", "OutcrySimulation"],
            swiftSettings: house),
    ]
)

// What a sanitizer looks at, without what it would build for nothing (see .ci/run): `OUTCRY_FLOORS=drivers` leaves
// out what stands above the drivers, `exchange` what stands above the sandbox and the tests of what is between.
if let floors = Context.environment["OUTCRY_FLOORS"] {
    var kept: Set = [
        "CAllocationCounter", "COpenSSL", "COutcryBits", "COutcrySystem", "CZlib", "OutcryBytes",
        "OutcryCrypto", "OutcryJournal", "OutcryKernel", "OutcryReactor", "OutcrySimulation",
        "OutcryWire",
        "OutcryJournalTests", "OutcryKernelTests", "OutcryReactorTests", "OutcrySimulationTests",
    ]
    if floors == "exchange" {
        kept.formUnion([
            "COutcryRecordings", "CSQLite", "OutcryComponents", "OutcryMarket", "OutcrySandbox",
            "OutcryServing", "OutcryVenues", "OutcryCryptoTests", "OutcryMarketTests",
            "OutcrySandboxTests", "OutcryWireTests",
        ])
    }
    package.targets.removeAll { !kept.contains($0.name) }
    package.products.removeAll()
}
