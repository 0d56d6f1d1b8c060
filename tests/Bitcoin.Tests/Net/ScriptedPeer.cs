using System.Net;
using System.Net.Sockets;
using Bitcoin.Node.Net;

namespace Bitcoin.Tests;

/// <summary>A node that says what a test tells it to. The node under test connects to it.</summary>
internal sealed class ScriptedPeer : IDisposable
{
    private static readonly byte[] s_magic = [0xfa, 0xbf, 0xb5, 0xda];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private Socket? _socket;

    internal ScriptedPeer() => _listener.Start();

    internal string Address => _listener.LocalEndpoint.ToString()!;

    internal void Accept()
    {
        _socket = _listener.AcceptSocket();
        _socket.ReceiveTimeout = (int)NodeFixture.Patience.TotalMilliseconds;
    }

    internal void Send(string name, params byte[] payload) => _socket!.Send(Frame.Write(s_magic, name, payload));

    /// <summary>Tells who it is: a node with blocks and witnesses.</summary>
    internal void SendVersion(bool wantsTransactions = true)
    {
        const ulong Services = PeerMessages.NodeNetwork | PeerMessages.NodeWitness;
        Send(
            "version",
            new WireWriter()
                .UInt32(NetOptions.ProtocolVersion)
                .UInt64(Services)
                .Int64(Forge.Clock().Now.ToUnixTimeSeconds())
                .Bytes(new byte[26])
                .Bytes(new byte[26])
                .UInt64(7)
                .Text("/test/")
                .UInt32(0)
                .Byte(wantsTransactions ? (byte)1 : (byte)0)
                .ToArray());
    }

    /// <summary>Reads up to a message, and returns its payload; null if the node ends the connection before.</summary>
    internal byte[]? ReadUntil(string name)
    {
        while (Read() is { } message)
        {
            if (message.Name == name)
            {
                return message.Payload;
            }
        }

        return null;
    }

    /// <summary>The names of the messages up to one.</summary>
    internal List<string> NamesUntil(string name)
    {
        List<string> names = [];
        while (Read() is { } message && message.Name != name)
        {
            names.Add(message.Name);
        }

        return names;
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _listener.Dispose();
    }

    private (string Name, byte[] Payload)? Read()
    {
        byte[] header = new byte[Frame.HeaderBytes];
        if (!Fill(header))
        {
            return null;
        }

        byte[] payload = new byte[BitConverter.ToInt32(header, 16)];
        return Fill(payload) ? (Frame.Name(header, out _), payload) : null;
    }

    private bool Fill(byte[] buffer)
    {
        try
        {
            for (int done = 0; done < buffer.Length;)
            {
                int read = _socket!.Receive(buffer.AsSpan(done));
                if (read == 0)
                {
                    return false;
                }

                done += read;
            }

            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
    }
}
