import Glibc

/// `outcry new NAME`: a package of one's own with a first bot.
enum NewCommand {
    static func run(_ arguments: inout Arguments) throws -> Int32 {
        let given = try arguments.option("--outcry")
        let name = try arguments.word("a name for the package")
        try arguments.finish()
        let isName =
            name.utf8.allSatisfy {
                (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0)
                    || $0 == 95 || $0 == 45
            } && name.utf8.first.map { $0 > 57 && $0 != 95 } == true
        guard isName else {
            throw UsageError(
                "expected a name of letters, digits, - and _, beginning with a letter, "
                    + "found \"\(name)\"")
        }
        guard !name.lowercased().hasPrefix("outcry") else {
            throw UsageError(
                "expected a name that does not begin as Outcry's own modules do, found \"\(name)\"")
        }
        guard let package = given ?? ownPackage() else {
            throw UsageError("--outcry: expected the path of the outcry package, found none")
        }
        guard let root = absolute(package), exists(root + "/Package.swift") else {
            throw UsageError(
                "--outcry: expected a folder with a Package.swift, found \"\(package)\"")
        }
        guard !exists(name) else {
            Terminal.error("outcry: \(name) is there already; nothing was written")
            return 1
        }
        let files = [
            ("Package.swift", manifest(name, root)),
            ("Sources/\(name)/Bot.swift", bot), (".gitignore", ".build\n"),
        ]
        for folder in [name, "\(name)/Sources", "\(name)/Sources/\(name)"] {
            guard unsafe mkdir(folder, 0o777) == 0 else { return failed("mkdir \(folder)") }
        }
        for (path, text) in files {
            guard write(text, to: "\(name)/\(path)") else { return failed("write \(path)") }
        }
        Terminal.line("\(name) is written. In one terminal: outcry sandbox. In another:")
        Terminal.line("  cd \(name) && swift run")
        return 0
    }

    private static func failed(_ what: String) -> Int32 {
        Terminal.error("outcry: \(what): \(unsafe String(cString: strerror(errno)))")
        return 1
    }

    private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static func absolute(_ path: String) -> String? {
        guard let resolved = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// The package whose build folder this program lies in.
    private static func ownPackage() -> String? {
        guard var path = absolute("/proc/self/exe") else { return nil }
        while let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            path = String(path[..<slash])
            if exists(path + "/Sources/OutcryKernel"), exists(path + "/Package.swift") {
                return path
            }
        }
        return nil
    }

    private static func write(_ text: String, to path: String) -> Bool {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL, 0o666)
        guard file >= 0 else { return false }
        defer { close(file) }
        var text = text
        return text.withUTF8 { unsafe Glibc.write(file, $0.baseAddress, $0.count) == $0.count }
    }

    private static func manifest(_ name: String, _ root: String) -> String {
        let root = root.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return """
            // swift-tools-version: 6.2
            import PackageDescription

            let package = Package(
                name: "\(name)",
                dependencies: [.package(name: "outcry", path: "\(root)")],
                targets: [
                    .executableTarget(
                        name: "\(name)", dependencies: [.product(name: "Outcry", package: "outcry")],
                        swiftSettings: [.enableUpcomingFeature("NonisolatedNonsendingByDefault")])
                ]
            )

            """
    }

    /// The README's bot.
    private static let bot = BotSource.text
}
