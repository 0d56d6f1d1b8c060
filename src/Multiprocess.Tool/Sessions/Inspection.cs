using System.Text.Json.Nodes;
using Multiprocess.Introspection;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tool.Values;

namespace Multiprocess.Tool.Sessions;

/// <summary>Asks a server's second root. One thread only.</summary>
internal sealed class Inspection : IDisposable
{
    /// <summary>Most rows in one answer of a server.</summary>
    public const int MostRows = ServerIntrospection.MostRows;

    private readonly WireConnection _wire;
    private long _requests;

    private Inspection(WireConnection wire) => _wire = wire;

    /// <summary>What a server serves.</summary>
    internal sealed record Described(string Contract, ulong Fingerprint, string Text);

    /// <summary>The contract that the server's Hello names.</summary>
    public string Serves => _wire.Server.Serves ?? "";

    /// <summary>The peer, as the operating system reports it.</summary>
    public IpcPeer Peer => _wire.Peer;

    /// <summary>Connects. The first question shows whether the server answers.</summary>
    public static Inspection Open(IpcAddress address, IpcConnectionOptions options)
        => new(WireConnection.Open(address, options, _ => (IntrospectionStub.ContractName, 0)));

    public Described Describe()
    {
        AnswerRow answer = Ask(IntrospectionStub.DescribeId, null);
        return new Described(answer.Text(0), (ulong)answer.Number(1), answer.Text(2));
    }

    public AnswerRow Process() => Ask(IntrospectionStub.ProcessId, null);

    public AnswerRow Connections(int most) => Ask(IntrospectionStub.ConnectionsId, most);

    public AnswerRow Objects(int most) => Ask(IntrospectionStub.ObjectsId, most);

    public AnswerRow Calls(int most) => Ask(IntrospectionStub.CallsId, most);

    public AnswerRow Metrics() => Ask(IntrospectionStub.MetricsId, null);

    /// <summary>The next messages; null if cancelled first.</summary>
    public AnswerRow? Trace(int most, CancellationToken cancellationToken)
        => Ask(IntrospectionStub.TraceId, most, isAsynchronous: true, cancellationToken);

    public void Dispose() => _wire.Dispose();

    private AnswerRow Ask(uint method, int? most)
        => Ask(method, most, isAsynchronous: false, CancellationToken.None)!.Value;

    private AnswerRow? Ask(uint method, int? most, bool isAsynchronous, CancellationToken cancellationToken)
    {
        long request = ++_requests;
        _wire.Send((ref MessagePackWriter writer) =>
        {
            CallMessage.Write(
                ref writer,
                isAsynchronous ? MessageFlags.Asynchronous : MessageFlags.None,
                1,
                request,
                parent: 0,
                ExportTable.RootHandle,
                method);
            writer.WriteArrayHeader(most is null ? 0 : 1);
            if (most is { } rows)
            {
                writer.Write(rows);
            }
        });
        TimeSpan patience = isAsynchronous ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(30);
        while (_wire.Receive(patience, cancellationToken) is { } message)
        {
            if (message.Type == MessageType.Goodbye)
            {
                throw GoodbyeMessage.Read(message);
            }

            if (message.Request != request || message.Type is not (MessageType.Return or MessageType.Error))
            {
                continue;
            }

            var reader = new MessagePackReader(message.Body);
            if (message.Type == MessageType.Error)
            {
                IpcErrorKind kind = ErrorMessage.ReadKind(ref reader);
                throw new RemoteCallException(RemoteError.Read(kind, ValueReader.ReadAny(ref reader)));
            }

            return reader.ReadStrictArrayHeader() > 0 && ValueReader.ReadAny(ref reader) is JsonArray answer
                ? new AnswerRow(answer)
                : throw new IpcProtocolException("The server's answer: Expected a table, got another value.");
        }

        return cancellationToken.IsCancellationRequested
            ? null
            : throw new IpcTimeoutException("The server did not answer in time.");
    }
}
