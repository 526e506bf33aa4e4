import Testing

extension ProgramTests {
    /// What a newcomer gets; `.ci/outside` builds and runs it.
    @Suite(.serialized) struct NewTests {
        @Test func writesAPackageOnce() throws {
            let folder = try Folder()
            let end = try Child.run("outcry", "new", "my-bot", in: folder.path)
            #expect(end.status == 0, "\(end.errors)")
            #expect(end.output.contains("cd my-bot && swift run"))
            let manifest = try folder.text("my-bot/Package.swift")
            #expect(manifest.contains("name: \"my-bot\""))
            #expect(manifest.contains("path: \"\(Built.root)\""))
            #expect(try folder.text("my-bot/.gitignore") == ".build\n")

            let again = try Child.run("outcry", "new", "my-bot", in: folder.path)
            #expect(again.status == 1)
            #expect(again.errors == "outcry: my-bot is there already; nothing was written\n")
            #expect(try folder.text("my-bot/Package.swift") == manifest)
        }

        @Test func theBotIsOneText() throws {
            let example = try Built.source("Examples/lowball/Lowball.swift")
            let folder = try Folder()
            let end = try Child.run("outcry", "new", "bot", in: folder.path)
            #expect(end.status == 0)
            #expect(try folder.text("bot/Sources/bot/Bot.swift") == example)
            let readme = try Built.source("README.md")
            #expect(readme.contains("\n```swift\n" + example + "```\n"), "README's bot is another")
            let ticker = try Built.source("Examples/ticker/Ticker.swift")
            #expect(
                readme.contains("\n```swift\n" + ticker + "```\n"), "README's script is another")
        }
    }
}
