import OutcryKernel
import OutcrySimulation
import OutcryWire
import Testing

@testable import OutcrySandbox

/// The owner's door to a sandbox, in a simulated world.
@Suite struct AdministratorTests {
    private final class Office {
        let trading: TradingHouse
        let administrator: SandboxAdministrator
        var house: SandboxHouse { trading.house }

        init(_ change: (inout SandboxConfiguration) -> Void = { _ in }) throws {
            trading = try TradingHouse(change)
            administrator = SandboxAdministrator(of: trading.house.exchange, alias: "sandbox")
            house.kernel.start(administrator, alias: "administrator")
            house.run(.milliseconds(1))
        }

        func ask(
            _ method: String, _ path: String, _ body: String = "", token: String? = nil,
            host: String = "127.0.0.1"
        ) throws -> (status: Int, body: JSONTree) {
            let client = HTTPPeer(house, at: try #require(administrator.address))
            client.send(
                path,
                [
                    "Authorization: Bearer \(token ?? administrator.token)",
                    "Content-Length: \(body.utf8.count)",
                ], method: method, host: host)
            client.peer.send(body)
            house.run(.milliseconds(10))
            let reply = try #require(try client.next())
            #expect(reply.head.fields["Access-Control-Allow-Origin"] == nil)
            return (reply.head.status, try JSONTree(reply.body))
        }
    }

    @Test func aHalfClosedClientIsAnswered() throws {
        let office = try Office()
        let client = HTTPPeer(office.house, at: try #require(office.administrator.address))
        let token = office.administrator.token
        client.send("/status", ["Authorization: Bearer \(token)"], host: "[::1]")
        client.peer.end()
        office.house.run(.milliseconds(10))
        #expect(try client.next()?.head.status == 200)
        #expect(client.peer.hasEnded)
    }

    @Test func anAccountIsOpenedFundedAndTrades() throws {
        let office = try Office()
        let made = try office.ask(
            "POST", "/accounts", #"{"name":"bob","money":{"USD":"100"},"rights":["get_info"]}"#)
        #expect(made.status == 200)
        #expect(made.body.keys == ["account", "key", "secret"])
        let funded = try office.ask(
            "POST", "/deposits", #"{"account":"bob","amount":"2.5","currency":"BTC"}"#)
        #expect(funded.body["balance"] == .string("2.50000000"))
        let bob = try Trader(
            office.trading,
            SandboxAccount(
                name: "bob", owner: OwnerNumber(ExchangeState.firstOwner),
                key: made.body["key"].text, secret: made.body["secret"].text))
        let info = try bob.call("generic/info")
        #expect(info["Wallets"]["BTC"]["Balance"]["value_int"] == .string("250000000"))
        let order = [("type", "bid"), ("amount_int", "1000000"), ("price_int", "1000")]
        #expect(try bob.post("/api/1/BTCUSD/order/add", order).status == 403, "no right to")
        let taken = try office.ask(
            "POST", "/withdrawals", #"{"account":"bob","amount":"100.00001","currency":"USD"}"#)
        #expect(taken.status == 400, "more than there is")
        // Another key of his, and the first one goes.
        let key = try office.ask("POST", "/keys", #"{"account":"bob"}"#)
        #expect(try office.ask("DELETE", "/keys/\(made.body["key"].text)").status == 200)
        #expect(try office.ask("DELETE", "/keys/\(made.body["key"].text)").status == 400)
        #expect(try bob.post("/api/1/generic/info").status == 403)
        let again = try Trader(
            office.trading,
            SandboxAccount(
                name: "bob", owner: OwnerNumber(ExchangeState.firstOwner),
                key: key.body["key"].text, secret: key.body["secret"].text))
        _ = try again.call("BTCUSD/order/add", order)
        let all = try office.ask("GET", "/accounts").body["accounts"].elements
        #expect(all.map { $0["name"].text } == ["bob"])
        #expect(all[0]["orders"].integer == 1)
        #expect(all[0]["keys"].elements.map { $0["key"] } == [key.body["key"]])
        let said = try office.ask("GET", "/accounts")
        #expect(!"\(said.body)".contains(key.body["secret"].text), "a secret is told once")
    }

    @Test func whoHasNoTokenGetsNothing() throws {
        let office = try Office()
        #expect(office.administrator.token.utf8.count == 64)
        #expect(try office.ask("GET", "/status", token: "x").status == 403)
        #expect(try office.ask("GET", "/status", host: "example.org").status == 403)
        #expect(try office.ask("GET", "/status").status == 200)
        // Nothing of it is at the trading doors, and nothing of those here.
        let token = "Authorization: Bearer \(office.administrator.token)"
        #expect(try office.house.get("/status", [token]).status == 404)
        #expect(try office.house.get("/accounts", [token], method: "POST").status == 404)
        #expect(try office.ask("GET", "/api/1/BTCUSD/ticker").status == 404)
        #expect(try office.ask("GET", "/mtgox").status == 404)
    }

    @Test func statusHashAndFaultsAreTold() throws {
        let office = try Office()
        let status = try office.ask("GET", "/status").body
        #expect(status["market"] == .string("2011-06-06"))
        #expect(status["counters"]["restarts"].integer == 0)
        let hash = try office.ask("GET", "/hash").body["hash"]
        #expect(hash == .string(AdminReply.text(office.house.exchange.state.hash)))
        _ = try office.trading.person("alice")
        #expect(try office.ask("GET", "/hash").body["hash"] != hash)
        let faults = try office.ask("GET", "/faults").body
        #expect(faults.keys == SandboxFaults.names)
        let unknown = try office.ask("PATCH", "/faults", #"{"nothing":"1"}"#)
        #expect(unknown.status == 400)
        #expect(unknown.body["error"].text.contains("nothing"))
    }

    @Test func everybodyIsDroppedAndComesBack() throws {
        let office = try Office()
        let stream = try office.house.stream("/")
        #expect(office.house.exchange.counters.webSockets == 1)
        #expect(try office.ask("POST", "/disconnect").status == 200)
        office.house.run(.milliseconds(10))
        #expect(office.house.exchange.counters.webSockets == 0)
        #expect(try office.house.get("/api/1/BTCUSD/ticker").status == 200)
        #expect(try office.ask("POST", "/restart", #"{"seconds":2}"#).status == 200)
        #expect(office.house.exchange.addresses.isEmpty)
        #expect(try office.ask("GET", "/status").status == 200, "the owner is not dropped")
        office.house.run(.seconds(3))
        #expect(!office.house.exchange.addresses.isEmpty)
        _ = stream
    }

    @Test func aSnapshotNeedsAJournal() throws {
        let reply = try Office().ask("POST", "/snapshot", #"{"file":"a"}"#)
        #expect(reply.status == 400)
        #expect(reply.body["error"].text.contains("--data"))
    }
}
