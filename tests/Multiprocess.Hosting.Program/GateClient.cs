using System.Net.WebSockets;
using System.Security.Cryptography;

namespace Multiprocess.Hosting.Tests;

/// <summary>A client in a process of its own, over a WebSocket with TLS.</summary>
public static class GateClient
{
    public static async Task<int> RunAsync(Uri url, string fingerprint, string user)
    {
        try
        {
            using IpcConnection<IGate> connection = await ConnectAsync(url, fingerprint, user);
            Console.WriteLine($"{connection.Root.Who()} asked: {connection.Root.Ask(number => number * 2)}");
            return 0;
        }
        catch (WebSocketException exception)
        {
            Console.WriteLine(exception.Message);
            return 1;
        }
    }

    public static async Task<IpcConnection<IGate>> ConnectAsync(
        Uri url, string fingerprint, string user, string? origin = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _)
            => certificate?.GetCertHashString(HashAlgorithmName.SHA256) == fingerprint;
        socket.Options.SetRequestHeader("X-User", user);
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        await socket.ConnectAsync(url, CancellationToken.None);
        return await IpcConnection.ConnectAsync<IGate>(
            WebSocketStream.Create(socket, WebSocketMessageType.Binary, TimeSpan.FromSeconds(1)));
    }
}
