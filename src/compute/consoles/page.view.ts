// The page behind a noVNC URL: it opens the socket named in its query on its own origin (never another: OSSA-2021-002)
// and says whether a console answers. Viewers that speak RFB use the same socket.

export const consolePage = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>noVNC console</title></head>
<body>
<p id="state">Connecting to the console…</p>
<p>Open this address with a noVNC viewer, or in the dashboard.</p>
<script>
  const state = document.getElementById('state')
  const path = new URLSearchParams(location.search).get('path') || ''
  if (!/^compute\\/console\\/\\?token=[0-9a-f-]+$/.test(path)) state.textContent = 'This is not the address of a console.'
  else {
    const socket = new WebSocket((location.protocol === 'https:' ? 'wss://' : 'ws://') + location.host + '/' + path, 'binary')
    socket.binaryType = 'arraybuffer'
    socket.onmessage = (event) => { state.textContent = 'The console answers: ' + new TextDecoder().decode(event.data).slice(0, 12); socket.onmessage = null }
    socket.onclose = () => { state.textContent += ' The connection is closed.' }
  }
</script>
</body>
</html>
`
