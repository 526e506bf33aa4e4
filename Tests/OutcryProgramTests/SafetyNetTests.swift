import Foundation
import Glibc
import OutcryMarket
import Testing

@testable import OutcrySafetyNet

extension ProgramTests {
    /// `outcry safetynet` as people start it, before `outcry sandbox`.
    @Suite(.serialized) struct SafetyNetTests {
        private func sandbox(_ options: String...) throws -> (child: Child, port: Int) {
            let child = try Child(
                "outcry",
                [
                    "sandbox", "--port", "0", "--speed", "600", "--no-admin", "--no-account",
                    "--fulldepth", "1000",
                ] + options)
            let line = try child.line(with: "stream  ")
            try child.line(with: "^C ends it.")
            return (child, try Self.port(in: line))
        }

        private func net(_ port: Int, _ options: [String]) throws -> (child: Child, port: Int) {
            let child = try Child(
                "outcry",
                ["safetynet", "--upstream", "ws://127.0.0.1:\(port)/mtgox", "--port", "0"] + options
            )
            let line = try child.line(with: "stream  ")
            try child.line(with: "^C ends it.")
            return (child, try Self.port(in: line))
        }

        private static func port(in line: String) throws -> Int {
            let behind = try #require(line.components(separatedBy: "127.0.0.1:").dropFirst().first)
            return try #require(Int(behind.prefix { $0.isNumber }))
        }

        /// What a server of this machine answers.
        private static func get(_ target: String, _ port: Int) -> (status: Int, body: String) {
            let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { _ = close(socket) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isThere = unsafe withUnsafePointer(to: &address) { place in
                unsafe place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(socket, $0, size) == 0
                }
            }
            guard isThere else { return (0, "") }
            let request = Array(
                "GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
            guard unsafe send(socket, request, request.count, 0) == request.count else {
                return (0, "")
            }
            var reply: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = unsafe recv(socket, &piece, piece.count, 0)
                guard count > 0 else { break }
                reply += piece[..<count]
            }
            let text = String(decoding: reply, as: UTF8.self)
            let status = Int(text.dropFirst(9).prefix(3)) ?? 0
            return (status, text.components(separatedBy: "\r\n\r\n").dropFirst().joined())
        }

        /// Waits until it says that it is ready.
        private static func ready(_ port: Int) -> Bool {
            wait { get("/ready", port).status == 200 }
        }

        /// Whether it says that no trade is missing.
        private static func isHistoryComplete(_ port: Int) -> Bool {
            get("/metrics", port).body.split(separator: "\n").contains {
                $0.hasPrefix("outcry_safetynet_history_complete{") && $0.hasSuffix(" 1")
            }
        }

        /// Looks until something holds, for as long as a slow machine may take.
        private static func wait(until condition: () -> Bool) -> Bool {
            for _ in 0..<1200 {
                if condition() { return true }
                usleep(50_000)
            }
            return false
        }

        @Test func itServesAndEndsInOrder() throws {
            let (exchange, upstream) = try sandbox()
            let (net, port) = try net(upstream, [])
            #expect(Self.get("/health", port).status == 200)
            #expect(Self.ready(port))
            #expect(Self.get("/api/1/BTCUSD/ticker", port).body.contains("\"result\":\"success\""))
            let watch = try Child("outcry", ["watch", "ws://127.0.0.1:\(port)/mtgox"])
            try watch.line(with: "bid ")
            net.send(SIGTERM)
            let end = try net.end()
            #expect(end.status == 0)
            #expect(end.lastLine.contains(" connections, "), "\(end.output)")
            try watch.line(with: "disconnected: ")
            watch.send(SIGINT)
            _ = try watch.end()
            exchange.send(SIGINT)
            _ = try exchange.end()
        }

        @Test func wrongWordsAreTold() throws {
            let folder = try Folder()
            let (open, closed) = (folder.path + "/open", folder.path + "/closed")
            // 440 is how systemd gives a credential to the user of a service.
            for (path, mode) in [(open, 0o644), (closed, 0o440)] {
                try Data("secret\n".utf8).write(to: URL(fileURLWithPath: path))
                #expect(unsafe chmod(path, mode_t(mode)) == 0)
            }
            for (words, said) in [
                ([], "expected --upstream URL"),
                (["--upstream", "http://x/"], "expected a URL with ws, wss"),
                (["--upstream", "ws://x/", "--market", "BTC"], "--market: expected one such"),
                (["--upstream", "ws://x/", "--bind", "nowhere"], "--bind: expected an address"),
                (["--upstream", "ws://x/", "--cert", "/dev/null"], "expected --key FILE beside"),
                (["--upstream", "ws://x/", "--history", "ever"], "--history: expected all"),
                (
                    ["--upstream", "ws://x/", "--upstream", "ws://y/", "--upstream-token", "f"],
                    "--upstream-token: expected URL=FILE"
                ),
                (
                    ["--upstream", "ws://x/", "--upstream-token", "ws://x/=\(open)"],
                    "--upstream-token: expected \(open) to be closed to others"
                ),
                (
                    [
                        "--upstream", "wss://websocket.mtgox.com/mtgox", "--upstream-token",
                        "wss://websocket.mtgox.com/mtgox=\(closed)",
                    ], "expected a token for another SafetyNet"
                ),
            ] {
                let end = try Child("outcry", ["safetynet"] + words).end()
                #expect(end.status == 2, "\(words)")
                #expect(end.errors.contains(said), "\(end.errors)")
            }
            let wide = try Child(
                "outcry",
                [
                    "safetynet", "--upstream", "ws://127.0.0.1:1/", "--bind", "0.0.0.0", "--port",
                    "0",
                ]
            ).end()
            #expect(wide.status == 1)
            #expect(wide.errors.contains("--insecure-bind"), "\(wide.errors)")
        }

        /// By TLS with a token a client gets in, without it does not; SIGHUP reads the tokens anew.
        @Test func tokensAreReadAnew() throws {
            let folder = try Folder()
            let (exchange, upstream) = try sandbox("--tls", folder.path + "/tls", "--tls-port", "0")
            let tokens = folder.path + "/tokens"
            func write(_ token: String) throws {
                try Data("# who may come\n\(token)\n".utf8).write(to: URL(fileURLWithPath: tokens))
                #expect(unsafe chmod(tokens, 0o600) == 0)
            }
            try write("first")
            let (net, port) = try net(
                upstream,
                [
                    "--cert", folder.path + "/tls/sandbox.pem", "--key",
                    folder.path + "/tls/sandbox.key", "--tokens", tokens,
                ])
            func watch(_ token: String, says words: String) throws {
                let url = "wss://localhost:\(port)/mtgox?token=\(token)"
                let watch = try Child(
                    "outcry", ["watch", url, "--ca", folder.path + "/tls/ca.pem"])
                let line = try watch.line(with: words)
                if words == "disconnected: " { #expect(line.contains("401"), "\(line)") }
                watch.send(SIGINT)
                _ = try watch.end()
            }
            try watch("first", says: "connected to")
            try watch("second", says: "disconnected: ")
            try write("second")
            net.send(SIGHUP)
            try net.line(with: "read anew: 1 tokens")
            try watch("second", says: "connected to")
            try watch("first", says: "disconnected: ")
            net.send(SIGTERM)
            #expect(try net.end().status == 0)
            exchange.send(SIGINT)
            _ = try exchange.end()
        }

        /// SIGHUP with a certificate that does not fit its key: the old ones stay, `/ready` tells it, and
        /// the next SIGHUP takes those that fit.
        @Test func aCertificateThatDoesNotFitIsNotTaken() throws {
            let folder = try Folder()
            let (exchange, upstream) = try sandbox("--tls", folder.path + "/tls", "--tls-port", "0")
            let files = FileManager.default
            func take(_ name: String) throws {
                try? files.removeItem(atPath: folder.path + "/cert.pem")
                try files.copyItem(
                    atPath: "\(folder.path)/tls/\(name)", toPath: folder.path + "/cert.pem")
            }
            try take("sandbox.pem")
            let net = try Child(
                "outcry",
                [
                    "safetynet", "--upstream", "ws://127.0.0.1:\(upstream)/mtgox", "--port", "0",
                    "--cert", folder.path + "/cert.pem", "--key",
                    folder.path + "/tls/sandbox.key", "--plain-port", "0",
                ])
            let port = try Self.port(in: try net.line(with: "stream  "))
            let plain = try Self.port(in: try net.line(with: "plain  "))
            #expect(Self.ready(plain))
            func watchTLS() throws {
                let watch = try Child(
                    "outcry",
                    [
                        "watch", "wss://localhost:\(port)/mtgox", "--ca",
                        folder.path + "/tls/ca.pem",
                    ])
                try watch.line(with: "connected to")
                watch.send(SIGINT)
                _ = try watch.end()
            }
            try watchTLS()
            try take("ca.pem")
            net.send(SIGHUP)
            try net.line(with: "read anew")
            try net.errorLine(with: "the old doors stay")
            let told = Self.get("/ready", plain)
            #expect(told.status == 200)
            #expect(told.body.contains("the old doors stay"), "\(told.body)")
            try watchTLS()
            try take("sandbox.pem")
            net.send(SIGHUP)
            try net.line(with: "read anew")
            #expect(Self.get("/ready", plain).body.contains("\"warnings\":[]"))
            try watchTLS()
            net.send(SIGTERM)
            #expect(try net.end().status == 0)
            exchange.send(SIGINT)
            _ = try exchange.end()
        }

        /// Killed again and again, the history is whole: each trade of the exchange's once. `Tests/kills` does
        /// it a hundred times.
        @Test func killedItsHistoryIsWhole() throws {
            let folder = try Folder()
            let data = folder.path + "/data"
            let (exchange, upstream) = try sandbox()
            var random = SystemRandomNumberGenerator()
            for _ in 0..<3 {
                let (net, port) = try net(upstream, ["--data", data])
                #expect(Self.ready(port))
                usleep(UInt32.random(in: 0...900_000, using: &random))
                net.send(SIGKILL)
                #expect(try net.end().signal == SIGKILL)
            }
            let (net, port) = try net(upstream, ["--data", data])
            #expect(Self.ready(port))
            // The link's tape joins ten seconds after the subscription, or later.
            usleep(13_000_000)
            #expect(Self.wait { Self.isHistoryComplete(port) })
            net.send(SIGTERM)
            #expect(try net.end().status == 0)
            let store = try TradeStore(path: data + "/trades.sqlite")
            let stored = try store.trades(of: .btcusd, after: 0, most: .max).map { "\($0.id)" }
            let newest = try #require(try store.spans(of: .btcusd).spans.last)
            var truth: [String] = []
            while true {
                let since = truth.last ?? "0"
                let body = Self.get("/api/1/BTCUSD/trades?since=\(since)", upstream).body
                let page = body.components(separatedBy: "\"tid\":\"").dropFirst().map {
                    String($0.prefix { $0.isNumber })
                }
                truth += page
                if page.count < 1_000 { break }
            }
            exchange.send(SIGINT)
            _ = try exchange.end()
            let told = truth.filter { Int64($0) ?? 0 <= newest.high }
            #expect(told.count > 100)
            #expect(stored.filter { Int64($0) ?? 0 > newest.low } == told)
        }
    }
}
