using Multiprocess.Generated;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Introspection;

/// <summary>
/// Runs calls for the second root of a server, which tells what the server serves and what happens in its process.
/// </summary>
/// <remarks>
/// The contract is part of the protocol, see "Introspection" in PROTOCOL.md, and its ids are small numbers.
/// </remarks>
internal sealed class IntrospectionStub() : IpcStub<ServerIntrospection>(ContractName, fingerprint: TraceId)
{
    public const string ContractName = "Multiprocess.IIntrospection";

    public const uint DescribeId = 1;
    public const uint ProcessId = 2;
    public const uint ConnectionsId = 3;
    public const uint ObjectsId = 4;
    public const uint CallsId = 5;
    public const uint MetricsId = 6;
    public const uint TraceId = 7;

    /// <summary>
    /// Refused: a client of this contract speaks the protocol itself, and no signature mentions the contract.
    /// </summary>
    public override IpcProxy CreateProxy(IpcReference reference)
        => throw new IpcProtocolException($"{ContractName}: Expected it as a root, got it as a reference.");

    public override string? GetMethodName(uint methodId) => methodId switch
    {
        DescribeId => "Describe",
        ProcessId => "Process",
        ConnectionsId => "Connections",
        ObjectsId => "Objects",
        CallsId => "Calls",
        MetricsId => "Metrics",
        TraceId => "Trace",
        _ => null,
    };

    public override ReadOnlySpan<uint> MethodIds
        => [DescribeId, ProcessId, ConnectionsId, ObjectsId, CallsId, MetricsId, TraceId];

    public override void Dispatch(ServerIntrospection target, ref IncomingCall call)
    {
        switch (call.MethodId)
        {
            case DescribeId:
                call.EndArguments();
                Answer(ref call, target.Describe());
                return;
            case ProcessId:
                call.EndArguments();
                Answer(ref call, ServerIntrospection.Process());
                return;
            case ConnectionsId:
                int mostConnections = call.Read<int, Int32Codec>();
                call.EndArguments();
                Answer(ref call, ServerIntrospection.Connections(mostConnections));
                return;
            case ObjectsId:
                int mostObjects = call.Read<int, Int32Codec>();
                call.EndArguments();
                Answer(ref call, ServerIntrospection.Objects(mostObjects));
                return;
            case CallsId:
                int mostCalls = call.Read<int, Int32Codec>();
                call.EndArguments();
                Answer(ref call, ServerIntrospection.Calls(mostCalls));
                return;
            case MetricsId:
                call.EndArguments();
                Answer(ref call, target.Metrics());
                return;
            case TraceId:
                int mostMessages = call.Read<int, Int32Codec>();
                call.EndArguments();
                call.Answer<object?[], TableCodec>(target.TraceAsync(mostMessages, call.CancellationToken));
                return;
            default:
                call.MethodMissing();
                return;
        }
    }

    private static void Answer(ref IncomingCall call, object?[] table)
    {
        call.BeginResults(1);
        call.Write<object?[], TableCodec>(table);
    }
}
