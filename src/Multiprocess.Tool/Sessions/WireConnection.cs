using System.Diagnostics;
using Multiprocess.Buffers;
using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Transports;

namespace Multiprocess.Tool.Sessions;

/// <summary>Writes one message, with room for its length.</summary>
internal delegate void WriteMessage(ref MessagePackWriter writer);

/// <summary>
/// Sends frames to a server and receives frames from it. One thread at a time; only <see cref="Dispose"/> may overlap
/// other calls.
/// </summary>
internal sealed class WireConnection : IDisposable
{
    // How long the server may take to accept what was sent to it, in milliseconds.
    private const int SendPatience = 30_000;

    // How often a wait checks for cancellation, in milliseconds.
    private const int Tick = 50;

    private readonly Transport _transport;
    private readonly FrameReader _frames;

    private WireConnection(Transport transport)
    {
        _transport = transport;
        _frames = new FrameReader(transport, MessagePackProtocol.Instance, new MessagePool())
        {
            MaxFrameBytes = HelloMessage.MaxHandshakeBytes,
        };
    }

    /// <summary>The process at the other end.</summary>
    public IpcPeer Peer => _transport.Peer;

    /// <summary>The server's Hello.</summary>
    public Hello Server { get; private set; } = null!;

    /// <summary>
    /// Connects, waits for the server's Hello, and only then asks for a root. A server of another protocol is sent
    /// nothing.
    /// </summary>
    /// <param name="address">The server's address.</param>
    /// <param name="options">How to connect, and how long to wait for the Hello.</param>
    /// <param name="wants">Returns the contract to ask for, given the server's Hello; null to ask for none.</param>
    /// <exception cref="IpcException">No server listens there, or it does not speak the protocol in time.</exception>
    public static WireConnection Open(
        IpcAddress address, IpcConnectionOptions options, Func<Hello, (string Name, ulong Fingerprint)?> wants)
    {
        var wire = new WireConnection(Endpoint.Connect(address, options));
        try
        {
            Message first = wire.Receive(options.ConnectTimeout, CancellationToken.None)
                ?? throw new IpcTimeoutException(
                    $"{address}: no Hello came within {options.ConnectTimeout.TotalSeconds:0.#} s. It may be a server "
                        + $"of another protocol.");
            if (first.Type == MessageType.Goodbye)
            {
                throw GoodbyeMessage.Read(first);
            }

            if (first.Type != MessageType.Hello)
            {
                throw new IpcProtocolException($"{address}: Expected a Hello, got a {first.Type}.");
            }

            wire.Server = HelloMessage.Read(first);
            if (wants(wire.Server) is { } wanted)
            {
                const int most = 64 * 1024 * 1024;
                wire.Send(
                    new Hello(
                        HelloMessage.CurrentVersion,
                        Environment.ProcessId,
                        null,
                        0,
                        wanted.Name,
                        wanted.Fingerprint,
                        most).Write);
                wire._frames.MaxFrameBytes = most;
            }

            return wire;
        }
        catch
        {
            wire.Dispose();
            throw;
        }
    }

    /// <summary>Sends one message.</summary>
    /// <param name="write">Writes it.</param>
    /// <param name="bringsHome">
    /// Whether the message contains references to the server's own objects, known once it is written. For messages that
    /// have flags.
    /// </param>
    /// <exception cref="IpcException">The message is too long for the server, or the connection is lost.</exception>
    public void Send(WriteMessage write, Func<bool>? bringsHome = null)
    {
        using var output = new PooledBufferWriter(
            Server.MaxFrameBytes, MessageFormat.LengthPrefix, "the server's IpcLimits.MaxFrameBytes");
        var writer = new MessagePackWriter(output);
        write(ref writer);
        writer.Flush();
        MessageFormat.End(output.Written);
        if (bringsHome?.Invoke() == true)
        {
            MessageFormat.MarkBringsHome(output.Written);
        }

        Send(output.WrittenSpan);
    }

    /// <summary>Sends a frame unchanged, after its length.</summary>
    public void SendFrame(ReadOnlySpan<byte> frame) => Send(frame);

    /// <summary>The next message.</summary>
    /// <param name="limit">How long to wait for it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if the time ran out, or if cancelled.</returns>
    /// <exception cref="IpcDisconnectedException">The connection has ended.</exception>
    public Message? Receive(TimeSpan limit, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        Message? message;
        try
        {
            while (!_frames.TryRead(out message))
            {
                double left = limit == Timeout.InfiniteTimeSpan
                    ? Tick
                    : (limit - Stopwatch.GetElapsedTime(start)).TotalMilliseconds;
                if (cancellationToken.IsCancellationRequested || left < 0)
                {
                    return null;
                }

                if (_transport.WaitToReceive((int)Math.Min(left, Tick)) && _frames.TryFill() == 0)
                {
                    throw new IpcDisconnectedException("The server closed the connection.");
                }
            }
        }
        catch (IOException exception)
        {
            throw new IpcDisconnectedException($"The connection was lost. {exception.Message}", exception);
        }

        message.Parse();
        return message;
    }

    /// <summary>Sends Goodbye, if that is still possible, and closes.</summary>
    public void Dispose()
    {
        try
        {
            if (Server is not null)
            {
                Send((ref MessagePackWriter writer) => GoodbyeMessage.Write(ref writer, IpcErrorKind.Disconnected, ""));
            }
        }
        catch (Exception exception) when (exception is IpcException or IOException)
        {
            // The server has closed its end first.
        }

        _transport.Dispose();
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                int sent = _transport.TrySend(bytes, default);
                if (sent > 0)
                {
                    bytes = bytes[sent..];
                }
                else if (!_transport.WaitToSend(SendPatience))
                {
                    throw new IpcTimeoutException("The server does not receive.");
                }
            }
        }
        catch (IOException exception)
        {
            throw new IpcDisconnectedException($"The connection was lost. {exception.Message}", exception);
        }
    }
}
