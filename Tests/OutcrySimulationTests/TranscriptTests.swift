import OutcryKernel
import OutcrySimulation
import Testing

@Suite struct TranscriptTests {
    @Test func reading() throws {
        let script = try Transcript(
            "# hello\n\n< GET /\\r\\n\\x00\\\\\n> é\\t\\x20\n@+30s\n@+250ms\n<.\n>.\n<!\n")
        #expect(
            script.steps.map(\.action) == [
                .send(Array("GET /\r\n\0\\".utf8)), .expect(Array("é\t ".utf8)),
                .wait(.seconds(30)), .wait(.milliseconds(250)), .end, .expectEnd, .reset,
            ])
        #expect(script.steps.map(\.line) == [3, 4, 5, 6, 7, 8, 9])
        #expect(Transcript.escaped(Array("é\r\n\\ ".utf8)) == "\\xc3\\xa9\\r\\n\\\\\\x20")
    }

    @Test(arguments: [
        ("< a\nb", "line 2: expected a line that begins with <, >, @ or #, found \"b\""),
        ("<a", "line 1: expected a blank, \".\" or \"!\" after \"<\", found \"<a\""),
        ("> \\q", "line 1: expected one of \\r \\n \\t \\0 \\\\ \\xHH, found \"\\q\""),
        ("> \\", "line 1: expected one of \\r \\n \\t \\0 \\\\ \\xHH, found the end of the line"),
        ("> \\x4", "line 1: expected two hexadecimal digits after \\x, found \"4\""),
        ("@30s", "line 1: expected @+ and a time, like @+30s or @+250ms, found \"@30s\""),
        ("@+3d", "line 1: expected @+ and a time, like @+30s or @+250ms, found \"@+3d\""),
    ])
    func errors(_ text: String, _ expected: String) {
        #expect { try Transcript(text) } throws: { "\($0)" == expected }
    }

    static func play(_ text: String, _ faults: NetworkFaults = .init()) throws {
        let world = SimulatedWorld(seed: 3)
        world.faults = faults
        let kernel = Kernel(driver: Simulation(in: world))
        kernel.start(EchoServer(.loopback(port: 7000)), alias: "echo")
        let peer = world.connect(to: .loopback(port: 7000))
        try Transcript(text).play(with: peer, in: world)
    }

    @Test func playing() throws {
        try Self.play("< hello\\r\\n\n> hello\\r\\n\n@+30s\n< a\n< b\n> ab\n")
        try Self.play("< abc\n> a\n> bc\n<.\n>.\n", .rough())
        try Self.play("< abc\n> abc\n@+30s\n<!\n@+1s\n")
        var dropping = NetworkFaults.rough()
        dropping.dropsOneIn = 4
        try Self.play("< abc\n> a\n> bc\n<.\n>.\n", dropping)
    }

    @Test(arguments: [
        ("< abc\n> abd\n", "line 2: expected \"abd\", found \"abc\""),
        (
            "< abc\n> abcd\n",
            "line 2: expected \"abcd\", found \"abc\" and no more within 1.0 seconds"
        ),
        ("< abc\n> ab\n", "line 3: expected nothing more from the program, found \"c\""),
        ("< abc\n@+1s\n> abc\n", "ok"),
        (
            "< abc\n> abc\n>.\n",
            "line 3: expected the end of the stream, found nothing within 1.0 seconds"
        ),
        ("<.\n> a\n", "line 2: expected \"a\", found \"\", then the end of the stream"),
    ])
    func differences(_ text: String, _ expected: String) {
        var found = "ok"
        do { try Self.play(text) } catch { found = "\(error)" }
        #expect(found == expected)
    }

    @Test func nobodyThere() {
        let world = SimulatedWorld(seed: 3)
        let peer = world.connect(to: .loopback(port: 1))
        #expect { try Transcript("< a").play(with: peer, in: world) } throws: {
            "\($0)"
                == "line 1: expected a connection, found connect: Connection refused (111)"
        }
    }
}
