import OutcryWire
import Testing

/// The framing and smuggling vectors of `Tests/Conformance/http`, read by a server that echoes.
@Suite struct HTTPVectorTests {
    @Test func filesAreThere() {
        #expect(HTTPVector.load("smuggling-vectors.txt").count == 84)
        #expect(HTTPVector.load("h1spec-vectors.txt").count == 33)
        #expect(HTTPVector.load("hostile-vectors.txt").count == 261)
    }

    @Test(
        arguments: ["smuggling", "h1spec", "hostile"].flatMap {
            HTTPVector.load("\($0)-vectors.txt")
        })
    func vector(_ vector: HTTPVector) {
        verify(vector.bytes, vector.name) { VerifiedHTTP() }
        let server = run(VerifiedHTTP(), [vector.bytes[...]])
        let isEarly = server.failure?.problem == .endedEarly
        let statuses =
            server.bodies.map { _ in 200 }
            + (isEarly ? [] : server.failure.map { [$0.httpStatus] } ?? [])
        let isRefused =
            statuses.count == vector.count && server.failure != nil && !isEarly
            && (vector.status == nil || vector.status == statuses.last)
        let isTaken =
            statuses == [Int](repeating: 200, count: vector.count)
            && (vector.body == nil || server.bodies.first == vector.body)
        let isRight =
            switch vector.want {
            case "reject": isRefused
            case "accept": isTaken
            case "accept-or-reject": isTaken || isRefused
            case "incomplete": statuses.isEmpty
            case "reject-or-incomplete", "reject-or-close": statuses.isEmpty || isRefused
            default: false
            }
        #expect(isRight, "\(vector.want), statuses \(statuses), log \(server.log.suffix(3))")
    }
}
