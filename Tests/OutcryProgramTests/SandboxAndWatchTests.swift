import Glibc
import Testing

extension ProgramTests {
    @Suite(.serialized) struct SandboxAndWatchTests {
        /// A sandbox, and a URL at which it says that it speaks: by Socket.IO, or by a plain WebSocket.
        private func sandbox(
            port: String = "0", scheme: String = "socketio+http"
        ) throws -> (child: Child, url: String) {
            let child = try Child("outcry", ["sandbox", "--port", port, "--speed", "600"])
            let line = try child.line(with: "stream  ")
            try child.line(with: "^C ends it.")
            let url = line.split(separator: " ").first { $0.hasPrefix(scheme + "://") }
            return (child, String(try #require(url)))
        }

        private func port(of url: String) throws -> String {
            let afterColon = try #require(url.split(separator: ":").last)
            return String(afterColon.prefix { $0.isNumber })
        }

        @Test func aTakenPortIsTold() throws {
            let (first, url) = try sandbox()
            let port = try port(of: url)
            let second = try Child.run("outcry", "sandbox", "--port", port)
            #expect(second.status == 1)
            #expect(
                second.errors.contains("cannot listen on 127.0.0.1:\(port): is the port taken?"),
                "\(second.errors)")
            first.send(SIGINT)
            let end = try first.end()
            #expect(end.status == 0)
            #expect(end.lastLine.hasPrefix("0 connections, "), "\(end.output)")
        }

        @Test(arguments: ["socketio+http", "ws"]) func anInterruptEndsBoth(scheme: String) throws {
            let (sandbox, url) = try sandbox(scheme: scheme)
            let watch = try Child("outcry", ["watch", url])
            try watch.line(with: "connected to")
            try watch.line(with: "bid ")
            watch.send(SIGINT)
            let watched = try watch.end()
            #expect(watched.status == 0)
            #expect(watched.errors.isEmpty, "\(watched.errors)")
            sandbox.send(SIGINT)
            let end = try sandbox.end()
            #expect(end.status == 0)
            let connections = end.lastLine.split(separator: " ").first.flatMap { Int($0) }
            #expect(connections ?? 0 >= 2, "the stream, and the call for the book: \(end.output)")
        }

        @Test func aKilledExchangeComesBack() throws {
            let (first, url) = try sandbox()
            let watch = try Child("outcry", ["watch", url])
            try watch.line(with: "connected to")
            try watch.line(with: "bid ")
            first.send(SIGKILL)
            #expect(try first.end().signal == SIGKILL)
            try watch.line(with: "disconnected: ")
            let (second, again) = try sandbox(port: port(of: url))
            #expect(again == url)
            try watch.line(with: "connected to")
            let book = try watch.line(with: "bid ")  // said of trusted books only
            #expect(book.hasSuffix(" levels)"))
            watch.send(SIGINT)
            #expect(try watch.end().status == 0)
            second.send(SIGINT)
            #expect(try second.end().status == 0)
        }

        @Test func anExchangeThatIsNeverReachedIsAFailure() throws {
            let end = try Child.run(
                "outcry", "watch", "ws://127.0.0.1:1/mtgox", "--seconds", "1")
            #expect(end.status == 1)
            #expect(end.output.contains("disconnected: cannot connect: "), "\(end.output)")
            #expect(end.errors == "outcry: ws://127.0.0.1:1/mtgox was never reached\n")
        }
    }
}
