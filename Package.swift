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
        .target(name: "OutcryBytes", swiftSettings: house),
        .target(name: "OutcryKernel", dependencies: ["OutcryBytes"], swiftSettings: lifetimes),
        .target(
            name: "OutcrySimulation", dependencies: ["OutcryKernel", "OutcryBytes"],
            swiftSettings: house),
        .testTarget(
            name: "OutcryKernelTests",
            dependencies: ["OutcryKernel", "OutcryBytes", "OutcrySimulation"], swiftSettings: house),
        .testTarget(
            name: "OutcrySimulationTests",
            dependencies: ["OutcrySimulation", "OutcryKernel", "OutcryBytes"], swiftSettings: house),
    ]
)
