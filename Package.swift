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

let package = Package(
    name: "outcry",
    targets: [
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "COutcryBits"),
        // Recorded market data as bytes of the program, by C's `#embed`: SwiftPM's
        // `embedInCode` makes a literal that takes the Swift compiler two minutes.
        .target(name: "COutcryRecordings", exclude: ["Data"]),
        .target(name: "OutcryBytes", swiftSettings: house),
        .target(name: "OutcryKernel", dependencies: ["OutcryBytes"], swiftSettings: lifetimes),
        .target(name: "OutcryMarket", swiftSettings: house),
        .target(name: "OutcryCrypto", dependencies: ["COpenSSL"], swiftSettings: house),
        .target(
            name: "OutcryWire",
            dependencies: ["OutcryBytes", "OutcryCrypto", "COutcryBits", "CZlib"],
            swiftSettings: lifetimes),
        .target(
            name: "OutcrySandbox",
            dependencies: [
                "OutcryMarket", "OutcryWire", "OutcryKernel", "OutcryBytes", "COutcryRecordings",
            ],
            swiftSettings: house),
        .testTarget(name: "OutcryWireTests", dependencies: ["OutcryWire"], swiftSettings: house),
        .testTarget(
            name: "OutcrySandboxTests",
            dependencies: ["OutcrySandbox", "OutcryMarket", "OutcryWire", "OutcryKernel"],
            swiftSettings: house),
    ]
)
