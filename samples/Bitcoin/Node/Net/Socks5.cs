using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Bitcoin.Node.Net;

/// <summary>
/// Connects through a SOCKS5 proxy (RFC 1928, RFC 1929). The host is sent as text, so the proxy resolves names.
/// </summary>
internal static class Socks5
{
    private const byte Version = 5;
    private const byte NoPassword = 0;
    private const byte Password = 2;
    private const byte PasswordVersion = 1;
    private const byte ConnectCommand = 1;
    private const byte Domain = 3;

    private static long s_names;

    /// <summary>Connects a socket to a host through a proxy.</summary>
    /// <exception cref="SocketException">The proxy cannot be reached.</exception>
    /// <exception cref="IOException">It refuses, or its answer is not SOCKS5.</exception>
    internal static async Task<Socket> Connect(Proxy proxy, string host, int port, CancellationToken cancelled)
    {
        byte[] name = Encoding.ASCII.GetBytes(host);
        if (name.Length > byte.MaxValue)
        {
            throw new IOException("Hostname too long");
        }

        AddressFamily family = proxy.End.AddressFamily;
        Socket socket = new(
            family, SocketType.Stream, family == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(proxy.End, cancelled).ConfigureAwait(false);
            await Ask(
                socket, proxy.Randomizes ? [Version, 2, NoPassword, Password] : [Version, 1, NoPassword], cancelled)
                .ConfigureAwait(false);
            byte[] chosen = await Read(socket, 2, cancelled).ConfigureAwait(false);
            if (chosen[0] != Version)
            {
                throw new IOException("Proxy failed to initialize");
            }

            if (chosen[1] == Password && proxy.Randomizes)
            {
                await LogIn(socket, cancelled).ConfigureAwait(false);
            }
            else if (chosen[1] != NoPassword)
            {
                throw new IOException($"Proxy requested wrong authentication method {chosen[1]:x2}");
            }

            await Ask(
                socket,
                [Version, ConnectCommand, 0, Domain, (byte)name.Length, .. name, (byte)(port >> 8), (byte)port],
                cancelled)
                .ConfigureAwait(false);
            byte[] reply = await Read(socket, 4, cancelled).ConfigureAwait(false);
            if (reply[0] != Version || reply[1] != 0)
            {
                throw new IOException($"Socks5() connect to {host}:{port} failed: {Reason(reply[1])}");
            }

            // The address that the proxy bound is not used.
            int length = reply[3] switch
            {
                1 => 4,
                4 => 16,
                Domain => (await Read(socket, 1, cancelled).ConfigureAwait(false))[0],
                _ => throw new IOException("Error: malformed proxy response"),
            };
            await Read(socket, length + sizeof(ushort), cancelled).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task LogIn(Socket socket, CancellationToken cancelled)
    {
        byte[] name = Encoding.ASCII.GetBytes(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Environment.ProcessId}-{Interlocked.Increment(ref s_names)}-{Random.Shared.NextInt64():x}"));
        await Ask(
            socket,
            [PasswordVersion, (byte)name.Length, .. name, (byte)name.Length, .. name],
            cancelled).ConfigureAwait(false);
        byte[] answer = await Read(socket, 2, cancelled).ConfigureAwait(false);
        if (answer[0] != PasswordVersion || answer[1] != 0)
        {
            throw new IOException("Proxy authentication unsuccessful");
        }
    }

    private static async Task Ask(Socket socket, byte[] bytes, CancellationToken cancelled)
    {
        for (int sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent), cancelled).ConfigureAwait(false);
        }
    }

    private static async Task<byte[]> Read(Socket socket, int count, CancellationToken cancelled)
    {
        byte[] bytes = new byte[count];
        for (int done = 0; done < count;)
        {
            int read = await socket.ReceiveAsync(bytes.AsMemory(done), cancelled).ConfigureAwait(false);
            done += read > 0 ? read : throw new IOException("The proxy closed the connection");
        }

        return bytes;
    }

    private static string Reason(byte code) => code switch
    {
        1 => "general failure",
        2 => "connection not allowed",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "protocol error",
        8 => "address type not supported",
        _ => $"unknown ({code:x2})",
    };
}
