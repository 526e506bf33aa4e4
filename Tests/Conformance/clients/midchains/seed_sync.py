# Import WebSocket client library
from websocket import create_connection

# Connect to WebSocket API and subscribe to trade feed for XBT/USD and XRP/USD
ws = create_connection("wss://ws-sandbox.midchains.com:8081/")
ws.send('''{ "type": "subscribe", "request": [ { "msg":"book", "security":"BCHUSD", "dest":"CROX" } ] }''')

# Infinite loop waiting for WebSocket data
while True:
    print(ws.recv())
