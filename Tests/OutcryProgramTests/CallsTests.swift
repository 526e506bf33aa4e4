import Foundation
import Glibc
import Testing

extension ProgramTests {
    /// `outcry ticker` to `outcry cancel`, and the example that asks in the same way, on a sandbox.
    @Suite(.serialized) struct CallsTests {
        /// A sandbox whose public answers stay as they are, with a key in a file.
        final class House {
            let folder: Folder
            let sandbox: Child
            let url: String
            var keyFile: String { folder.path + "/key" }

            init(_ options: String...) throws {
                folder = try Folder()
                sandbox = try Child(
                    "outcry",
                    [
                        "sandbox", "--port", "0", "--cache", "86400", "--no-admin", "--key-file",
                        folder.path + "/key",
                    ] + options)
                let line = try sandbox.line(with: "http    http://")
                try sandbox.line(with: "^C ends it.")
                let place = try #require(
                    line.split(separator: " ").last { $0.hasPrefix("http://") })
                url = String(place.prefix { $0 != "a" })
            }

            /// A command, with where to and who.
            func ask(_ words: String..., input: FileHandle = .nullDevice) throws -> Child.End {
                try Child(
                    "outcry", words + ["--url", url, "--key-file", keyFile],
                    environment: ["OUTCRY_MTGOX_KEY": "", "OUTCRY_MTGOX_SECRET": ""], input: input
                ).end()
            }

            /// The same, which has to go well: what it says.
            func tell(_ words: String...) throws -> String {
                let end = try Child(
                    "outcry", words + ["--url", url, "--key-file", keyFile]
                ).end()
                #expect(end.status == 0, "\(words): \(end.errors)")
                if words.contains("--json") {
                    _ = try JSONSerialization.jsonObject(with: Data(end.output.utf8))
                }
                return end.output
            }
        }

        /// A text with `#` for each number and `@` for each GUID, one blank for many.
        private func shape(_ text: String) -> String {
            text.replacing(#/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/#, with: "@")
                .replacing(#/[0-9]+([.,][0-9]+)*/#, with: "#").replacing(#/ +/#, with: " ")
        }

        @Test func theMarketIsTold() throws {
            let house = try House()
            _ = try house.tell("sell", "0.25", "market", "--yes")
            _ = try house.tell("sell", "1", "18", "--yes")
            let ticker = try house.tell("ticker", "--json")
            #expect(
                shape(ticker) == """
                    {"pair":"BTCUSD","last":"#","bid":"#","ask":"#","high":"#","low":"#","average":"#",\
                    "vwap":"#","volume":"#","time":#}

                    """)
            #expect(
                shape(try house.tell("ticker")) == """
                    BTCUSD
                    last # USD
                    bid # USD
                    ask # USD
                    high # USD
                    low # USD
                    average # USD
                    vwap # USD
                    volume # BTC

                    """)
            let depth = shape(try house.tell("depth", "--levels", "1")).replacing("\n ", with: "\n")
            #expect(depth == " BTC bid USD ask USD BTC\n# # # #\n# bids, # asks\n")
            #expect(
                shape(try house.tell("depth", "--levels", "1", "--full", "--json")) == """
                    {"pair":"BTCUSD","full":true,"time":#,"bids":[["#","#"]],"asks":[["#","#"]]}

                    """)
            let trades = try house.tell("trades", "--json")
            #expect(
                shape(trades).hasPrefix("[{\"trade\":\"#\",\"time\":#,\"side\":\""), "\(trades)")
            #expect(trades.contains(#""side":"sell","amount":"0.25000000","price":""#), "\(trades)")
            #expect(try house.tell("trades").contains("  sell  "))
            #expect(try house.tell("lag") == "the engine is 0 us behind, 0 orders in its queue\n")
            #expect(try house.tell("lag", "--json") == "{\"lag\":0,\"queue\":0}\n")
            #expect(try house.ask("ticker", "--pair", "BTCEUR").status == 0)

            // The example says what the command says.
            let lines = try Child("ticker", [house.url, "2"]).end()
            #expect(lines.status == 0, "\(lines.errors)")
            let part = { (name: String) throws -> Substring in
                let rest = try #require(ticker.split(separator: "\"\(name)\":\"").last)
                return rest.prefix { $0 != "\"" }
            }
            let line =
                "mtgox BTCUSD bid \(try part("bid")) ask \(try part("ask")) last \(try part("last"))\n"
            #expect(lines.output == line + line)
        }

        @Test func anAccountTrades() throws {
            let house = try House("--account", "ann")
            #expect(
                try house.tell("wallet") == """
                    currency      balance  in open orders  may be withdrawn
                    BTC           1000.00            0.00           1000.00
                    EUR         100000.00            0.00         100000.00
                    GBP         100000.00            0.00         100000.00
                    JPY       10000000.00            0.00       10000000.00
                    USD         100000.00            0.00         100000.00

                    """)
            let info = try house.tell("info")
            #expect(info.hasPrefix("account     ann\n"), "\(info)")
            #expect(
                shape(try house.tell("info", "--json")) == """
                    {"login":"ann","number":"#","id":"@","link":"M#X","key":"@","rights":["deposit",\
                    "get_info","merchant","trade","withdraw"],"fee_percent":"#","monthly_volume":"#",\
                    "volume_currency":"BTC","created":"#-#-# #:#:#","last_login":"#-#-# #:#:#"}

                    """)
            #expect(try house.tell("orders") == "no orders\n")
            let placed = try house.tell("buy", "1.5", "1.43", "--yes", "--json")
            #expect(
                shape(placed) == """
                    {"order":"@","pair":"BTCUSD","side":"buy","amount":"#","price":"#"}

                    """)
            #expect(placed.contains(#""amount":"1.50000000","price":"1.43000""#))
            let order = try #require(
                placed.split(separator: "\"").map(String.init).first { $0.count == 36 })
            let orders = try house.tell("orders", "--json")
            #expect(
                shape(orders).replacing("executing", with: "open").replacing(
                    "pending", with: "open")
                        == """
                        [{"order":"@","pair":"BTCUSD","side":"buy","amount":"#","price":"#","status":"open",\
                        "paid_for":"#","not_paid_for":null,"time":#}]

                        """)
            let taken = try house.tell("cancel", order)
            #expect(taken == "\(order): the venue cancels it\n")
            let again = try house.ask("cancel", order, "none", "--json")
            #expect(again.status == 1)
            #expect(again.errors.contains("outcry: none: refused: Order not found\n"))
            #expect(
                shape(try house.tell("sell", "2", "market", "--yes")) == "sell # BTC: order @\n")
            #expect(
                try house.tell("wallet", "--json").contains(#""currency":"BTC","balance":"998.0"#))
            let history = try house.tell("wallet", "BTC")
            #expect(
                shape(history).contains(" deposit # # Sandbox deposit\npage # of #, # entries\n"))
            #expect(try house.tell("cancel", "--all", "--json") == "[]\n")
            house.sandbox.send(SIGINT)
            #expect(!(try house.sandbox.end().output.contains("secret =")))
        }

        @Test func nothingIsPlacedWithoutAYes() throws {
            let house = try House()
            let alone = try house.ask("buy", "1.5", "1.43")
            #expect(alone.status == 4)
            #expect(alone.output.isEmpty)
            #expect(
                shape(alone.errors) == """
                    buy # BTC at # USD
                     worth # USD, besides the fee
                     key @
                     at http://#:#/
                    outcry: expected --yes where no terminal is there to ask; nothing was sent

                    """)
            #expect(alone.errors.contains("  worth    2.145 USD, besides the fee\n"))
            for (typed, status) in [("no\n", 4), ("\n", 4), ("\u{4}", 4), ("yes\n", 0)] {
                let typist = try Typist(typed)
                let end = try house.ask("buy", "1.5", "1.43", input: typist.terminal)
                #expect(end.status == Int32(status), "\(typed): \(end.errors)")
                #expect(end.errors.contains("Place this order? Type yes:\n"))
                let count =
                    try house.tell("orders", "--json").split(separator: "\"order\"").count - 1
                #expect(count == (status == 0 ? 1 : 0), "\(typed)")
            }
            let typist = try Typist("no\n")
            let market = try house.ask("buy", "1", "market", input: typist.terminal)
            #expect(
                shape(market.errors).contains(
                    " worth about # USD by the book of now, besides the fee"))
        }

        @Test func everyEndHasItsCode() throws {
            let house = try House("--orders-per", "1/3600")
            #expect(try house.ask("sell", "1", "99", "--yes").status == 0)
            let tooMany = try house.ask("sell", "1", "99", "--yes")
            #expect(tooMany.status == 1)
            #expect(tooMany.errors.contains("Too many orders"), "\(tooMany.errors)")
            house.sandbox.send(SIGINT)
            _ = try house.sandbox.end()
            let nobody = try house.ask("sell", "1", "99", "--yes")
            #expect(nobody.status == 3)
            #expect(nobody.errors.hasPrefix("outcry: not sent: connection: "), "\(nobody.errors)")
            #expect(try house.ask("ticker", "--timeout", "1").status == 3)
        }

        @Test func keysAreLookedAfter() throws {
            let house = try House()
            let facts = try FileManager.default.attributesOfItem(atPath: house.keyFile)
            #expect(facts[.posixPermissions] as? Int == 0o600)
            let text = try house.folder.text("key")
            let words = text.split { $0 == " " || $0 == "\n" }
            let key = try #require(words.first { $0.count == 36 })
            let secret = try #require(words.last)
            let environment = [
                "OUTCRY_MTGOX_KEY": String(key), "OUTCRY_MTGOX_SECRET": String(secret),
            ]
            let fromEnvironment = try Child(
                "outcry", ["orders", "--url", house.url], environment: environment
            ).end()
            #expect(fromEnvironment.output == "no orders\n", "\(fromEnvironment.errors)")
            // A key is never written over.
            let second = try Child(
                "outcry", ["sandbox", "--port", "0", "--key-file", house.keyFile]
            ).end()
            #expect(second.status == 2)
            #expect(second.errors.contains("expected a file that is not there yet"))
            #expect(try house.folder.text("key") == text)
            // What others can read is no secret.
            unsafe chmod(house.keyFile, 0o644)
            let open = try house.ask("orders")
            #expect(open.status == 2)
            #expect(open.errors.contains("644"), "\(open.errors)")
            #expect(!open.errors.contains(secret))
        }
    }
}
