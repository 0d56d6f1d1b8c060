using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Bitcoin.Gui.Tests.Support;

/// <summary>
/// Sends a request as it stands and reads the answer: no client library puts right what an attacker would send.
/// </summary>
internal static class RawHttp
{
    private const int Patience = 20_000;

    internal static Answer Send(int port, string first, params string[] headers)
    {
        using TcpClient client = new() { ReceiveTimeout = Patience, SendTimeout = Patience };
        client.Connect(IPAddress.Loopback, port);
        NetworkStream stream = client.GetStream();
        bool isUpgrade = headers.Any(
            static header => header.StartsWith("Upgrade:", StringComparison.OrdinalIgnoreCase));
        string request = string.Join("\r\n", [$"{first} HTTP/1.1", .. headers])
            + (isUpgrade ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n");
        stream.Write(Encoding.ASCII.GetBytes(request));
        StringBuilder all = new();
        byte[] buffer = new byte[64 * 1024];
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            all.Append(Encoding.UTF8.GetString(buffer, 0, read));
            if (isUpgrade && all.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                break;
            }
        }

        string text = all.ToString();
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return new Answer(int.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture), text[..end], text[(end + 4)..]);
    }

    internal sealed record Answer(int Code, string Head, string Body);
}
