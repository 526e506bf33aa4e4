// swift-tools-version:6.0
import PackageDescription

let nio = ["NIOCore", "NIOPosix", "NIOHTTP1", "NIOWebSocket", "NIOFoundationCompat"].map {
    Target.Dependency.product(name: $0, package: "swift-nio")
}
let package = Package(
    name: "peers",
    dependencies: [.package(url: "https://github.com/apple/swift-nio", exact: "2.101.2")],
    targets: [
        .target(name: "FeedKit"),
        .executableTarget(name: "nio-client", dependencies: ["FeedKit"] + nio),
        .executableTarget(name: "nio-server", dependencies: nio),
        .executableTarget(name: "urlsession-client", dependencies: ["FeedKit"]),
        .executableTarget(name: "json-bench", dependencies: ["FeedKit"]),
    ],
    swiftLanguageModes: [.v5]
)
