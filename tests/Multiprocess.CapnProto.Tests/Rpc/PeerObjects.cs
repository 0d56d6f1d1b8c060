using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests.Rpc;

/// <summary>The interfaces of <c>peer.capnp</c>: their ids, and the layout of a struct of one number.</summary>
internal static class PeerSchema
{
    public const ulong Peer = 0xc1f3a5b7d9e80a11;
    public const ulong Counter = 0xc1f3a5b7d9e80a12;
    public const ulong Callback = 0xc1f3a5b7d9e80a13;

    public static CapnpStructSize Number => new(1, 0);

    public static CapnpStructSize Pointer => new(0, 1);

    public static CapnpStructSize NumberAndPointer => new(1, 1);

    public static CapnpStructSize TwoPointers => new(0, 2);
}

/// <summary>What <c>peer.capnp</c> describes, in C#.</summary>
internal sealed class PeerObject : ICapnpObject, IDisposable
{
    private readonly Queue<TaskCompletionSource<CapnpReference>> _promises = new();
    private readonly SemaphoreSlim _never = new(0);
    private CapnpReference? _kept;
    private int _cancelled;

    /// <summary>Ends when nobody refers to the object any more.</summary>
    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a call of <c>never</c> runs.</summary>
    public TaskCompletionSource NeverRuns { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a call of <c>never</c> is cancelled.</summary>
    public TaskCompletionSource NeverEnded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LiveCount Counters { get; } = new();

    public async ValueTask CallAsync(CapnpCall call)
    {
        if (call.InterfaceId != PeerSchema.Peer)
        {
            throw call.Unknown();
        }

        CapnpStructReader parameters = call.Parameters.ReadStruct();
        switch (call.MethodId)
        {
            case 0:
                call.Results.InitStruct(PeerSchema.Number).WriteInt32(
                    0, parameters.ReadInt32(0) + parameters.ReadInt32(1));
                break;
            case 1:
                CapnpStructBuilder echoed = call.Results.InitStruct(PeerSchema.TwoPointers);
                echoed.Pointer(0).Write(parameters.Pointer(0));
                echoed.Pointer(1).Write(parameters.Pointer(1));
                break;
            case 2:
                throw new CapnpException(
                    (CapnpExceptionType)parameters.ReadUInt16(0), parameters.Pointer(0).ReadText()!);
            case 3:
                MakeCounter(call, parameters.ReadInt32(0));
                break;
            case 4:
                await CallBackAsync(call, parameters);
                break;
            case 5:
                _kept?.Dispose();
                _kept = call.Capability(parameters.Pointer(0));
                break;
            case 6:
                using (CapnpAnswer answer = Callback.Call(_kept!, parameters.ReadInt32(0)))
                {
                    await answer.Completion;
                    call.Results.InitStruct(PeerSchema.Number).WriteInt32(0, answer.Results.ReadStruct().ReadInt32(0));
                }

                break;
            case 7:
                call.Results.InitStruct(PeerSchema.Number).WriteInt32(0, Counters.Value);
                break;
            case 8:
                using (CapnpReference? same = call.Capability(parameters.Pointer(0)))
                {
                    call.Write(call.Results.InitStruct(PeerSchema.Pointer).Pointer(0), same);
                }

                break;
            case 9:
                await NeverAsync(call);
                break;
            case 10:
                call.Results.InitStruct(PeerSchema.Number).WriteInt32(0, Volatile.Read(ref _cancelled));
                break;
            case 11:
                var promise = new TaskCompletionSource<CapnpReference>();
                _promises.Enqueue(promise);
                using (CapnpReference promised = CapnpReference.Of(promise.Task))
                {
                    call.Write(call.Results.InitStruct(PeerSchema.Pointer).Pointer(0), promised);
                }

                break;
            case 12:
                _promises.Dequeue().SetResult(call.Capability(parameters.Pointer(0))!);
                break;
            case 13:
                _promises.Dequeue().SetException(
                    new CapnpException(CapnpExceptionType.Failed, parameters.Pointer(0).ReadText()!));
                break;
            default:
                throw call.Unknown();
        }
    }

    public void Dispose()
    {
        _kept?.Dispose();
        Disposed.TrySetResult();
    }

    private void MakeCounter(CapnpCall call, int start)
    {
        using CapnpReference counter = CapnpReference.Of(new CounterObject(start, Counters));
        CapnpStructBuilder results = call.Results.InitStruct(PeerSchema.TwoPointers);
        call.Write(results.Pointer(0), counter);
        call.Write(results.Pointer(1).InitStruct(PeerSchema.Pointer).Pointer(0), counter);
    }

    private static async Task CallBackAsync(CapnpCall call, CapnpStructReader parameters)
    {
        using CapnpReference callback = call.Capability(parameters.Pointer(0))!;
        int sum = 0;
        for (int i = parameters.ReadInt32(0); i > 0; i--)
        {
            using CapnpAnswer answer = Callback.Call(callback, i);
            await answer.Completion;
            sum += answer.Results.ReadStruct().ReadInt32(0);
        }

        call.Results.InitStruct(PeerSchema.Number).WriteInt32(0, sum);
    }

    private async Task NeverAsync(CapnpCall call)
    {
        NeverRuns.TrySetResult();
        try
        {
            await _never.WaitAsync(call.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _cancelled);
            NeverEnded.TrySetResult();
            throw;
        }
    }
}

internal sealed class LiveCount
{
    private int _value;

    public int Value => Volatile.Read(ref _value);

    public void Add(int count) => Interlocked.Add(ref _value, count);
}

internal sealed class CounterObject : ICapnpObject, IDisposable
{
    private readonly LiveCount _live;
    private int _value;

    public CounterObject(int start, LiveCount live)
    {
        _value = start;
        _live = live;
        live.Add(1);
    }

    public ValueTask CallAsync(CapnpCall call)
    {
        if ((call.InterfaceId, call.MethodId) != (PeerSchema.Counter, 0))
        {
            throw call.Unknown();
        }

        call.Results.InitStruct(PeerSchema.Number).WriteInt32(0, _value++);
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _live.Add(-1);
}

/// <summary>Doubles what it is called with, and notes it.</summary>
internal sealed class Callback : ICapnpObject, IDisposable
{
    private readonly List<int> _seen = [];

    public TaskCompletionSource Disposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int[] Seen
    {
        get
        {
            lock (_seen)
            {
                return [.. _seen];
            }
        }
    }

    /// <summary>Calls a callback, of this side or another.</summary>
    public static CapnpAnswer Call(CapnpReference callback, int value)
    {
        using CapnpRequest request = callback.Call(PeerSchema.Callback, 0);
        request.Parameters.InitStruct(PeerSchema.Number).WriteInt32(0, value);
        return request.Send();
    }

    public ValueTask CallAsync(CapnpCall call)
    {
        int value = call.Parameters.ReadStruct().ReadInt32(0);
        lock (_seen)
        {
            _seen.Add(value);
        }

        call.Results.InitStruct(PeerSchema.Number).WriteInt32(0, 2 * value);
        return ValueTask.CompletedTask;
    }

    public void Dispose() => Disposed.TrySetResult();
}
