import Foundation
import Glibc
import Testing

extension ProgramTests {
    /// `outcry sandbox --tls`: what it makes, keeps, and what clients say to it.
    @Suite(.serialized) struct SandboxTLSTests {
        /// A sandbox with a door for TLS, the port of that, and the line about whom to trust.
        private func sandbox(
            _ options: String...
        ) throws -> (child: Child, port: String, trust: String) {
            let child = try Child(
                "outcry", ["sandbox", "--port", "0", "--speed", "600", "--tls-port", "0"] + options)
            let line = try child.line(with: "TLS     ")
            let trust = try child.line(with: "trust   ")
            try child.line(with: "^C ends it.")
            let behind = try #require(line.split(separator: " ").last?.split(separator: ":").last)
            return (child, String(behind.prefix { $0.isNumber }), trust)
        }

        private func end(_ child: Child) throws {
            child.send(SIGINT)
            #expect(try child.end().status == 0)
        }

        private func mode(_ path: String) throws -> Int {
            let facts = try FileManager.default.attributesOfItem(atPath: path)
            return try #require(facts[.posixPermissions] as? Int)
        }

        @Test func ourOwnClientTrustsItsAuthorityAndNoOther() throws {
            let folder = try Folder()
            let (child, port, trust) = try sandbox("--tls", folder.path + "/tls")
            let authority = folder.path + "/tls/ca.pem"
            #expect(trust.contains("\(authority), made now"), "\(trust)")
            for url in [
                "wss://localhost:\(port)/mtgox", "socketio+https://localhost:\(port)/mtgox",
                "wss://127.0.0.1:\(port)/mtgox",
            ] {
                let watch = try Child("outcry", ["watch", url, "--ca", authority])
                try watch.line(with: "connected to")
                try watch.line(with: "bid ")
                try end(watch)
            }
            let stranger = try Child.run(
                "outcry", "watch", "wss://localhost:\(port)/mtgox", "--seconds", "3")
            #expect(stranger.status == 1)
            #expect(stranger.output.contains("disconnected: "), "\(stranger.output)")
            try end(child)
        }

        @Test func whatWasMadeIsKeptForItsOwnerAndTakenAgain() throws {
            let folder = try Folder()
            let place = folder.path + "/tls"
            try end(try sandbox("--tls", place).child)
            #expect(try mode(place) == 0o700)
            let names = ["ca.key", "ca.pem", "sandbox.key", "sandbox.pem"]
            #expect(try FileManager.default.contentsOfDirectory(atPath: place).sorted() == names)
            #expect(try names.map { try mode("\(place)/\($0)") } == [0o600, 0o644, 0o600, 0o644])
            let before = try names.map { try folder.text("tls/\($0)") }
            let again = try sandbox("--tls=\(place)")
            #expect(again.trust.hasSuffix("ca.pem, of an earlier start"), "\(again.trust)")
            try end(again.child)
            #expect(try names.map { try folder.text("tls/\($0)") } == before)
            // A certificate that is gone is made anew by the same authority.
            for name in ["sandbox.key", "sandbox.pem"] {
                try FileManager.default.removeItem(atPath: "\(place)/\(name)")
            }
            let renewed = try sandbox("--tls", place)
            #expect(renewed.trust.contains("with a new certificate"), "\(renewed.trust)")
            try end(renewed.child)
            #expect(try folder.text("tls/ca.pem") == before[1])
            #expect(try folder.text("tls/sandbox.pem") != before[3])
        }

        @Test func aFolderThatDoesNotFitIsTold() throws {
            let folder = try Folder()
            let place = folder.path + "/tls"
            try end(try sandbox("--tls", place).child)
            #expect(unsafe chmod("\(place)/ca.key", 0o640) == 0)
            let open = try Child.run("outcry", "sandbox", "--port", "0", "--tls", place)
            #expect(open.status == 2)
            #expect(
                open.errors.contains("ca.key to be for its owner alone (mode 600), found mode 640"),
                "\(open.errors)")
            try FileManager.default.removeItem(atPath: "\(place)/ca.key")
            let half = try Child.run("outcry", "sandbox", "--port", "0", "--tls", place)
            #expect(half.status == 2)
            #expect(half.errors.contains("found ca.pem alone"), "\(half.errors)")
            let none = try Child.run("outcry", "sandbox", "--tls", folder.path + "/a/b")
            #expect(none.status == 2)
            #expect(none.errors.contains("expected a folder that can be made"), "\(none.errors)")
        }

        @Test func aTemporaryFolderIsNamed() throws {
            let (child, _, trust) = try sandbox()
            let path = try #require(trust.split(separator: " ").dropFirst().first?.dropLast(8))
            #expect(path.contains("/outcry-sandbox-"), "\(trust)")
            #expect(try mode(String(path)) == 0o700)
            try end(child)
            try FileManager.default.removeItem(atPath: String(path))
        }

        @Test func aTakenPortOfTLSIsTold() throws {
            let folder = try Folder()
            let (child, port, _) = try sandbox("--tls", folder.path)
            let second = try Child.run(
                "outcry", "sandbox", "--port", "0", "--tls", folder.path, "--tls-port", port)
            #expect(second.status == 1)
            #expect(
                second.errors.contains(
                    "cannot listen on 127.0.0.1:\(port): is the port taken? --tls-port names another"
                ),
                "\(second.errors)")
            try end(child)
        }

        private static let openssl = "/usr/bin/openssl"

        @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: openssl)))
        func opensslAgrees() throws {
            let folder = try Folder()
            let (child, port, _) = try sandbox("--tls", folder.path)
            let authority = folder.path + "/ca.pem"
            for name in ["mtgox.com", "data.mtgox.com", "websocket-beta.mtgox.com"] {
                let verified = try Child.run(
                    Self.openssl, "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile",
                    authority, "-verify_hostname", name, folder.path + "/sandbox.pem")
                #expect(verified.status == 0, "\(verified.errors)")
                let spoken = try Child.run(
                    Self.openssl, "s_client", "-connect", "127.0.0.1:\(port)", "-servername", name,
                    "-verify_hostname", name, "-verify_return_error", "-CAfile", authority)
                #expect(spoken.output.contains("Verify return code: 0 (ok)"), "\(spoken.output)")
            }
            let other = try Child.run(
                Self.openssl, "verify", "-purpose", "sslserver", "-CAfile", authority,
                "-verify_hostname", "example.org", folder.path + "/sandbox.pem")
            #expect(other.status != 0)
            try end(child)
        }
    }
}
