using Multiprocess.Generated;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Streaming;

/// <summary>Runs calls for sequences of this side.</summary>
internal sealed class ItemSourceStub<T, TCodec>()
    : IpcStub<IItemSource<T, TCodec>>($"System.Collections.Generic.IAsyncEnumerable<{typeof(T)}>", fingerprint: BeginId)
    where TCodec : struct, IIpcCodec<T>
{
    public const uint BeginId = 1;

    public override IpcProxy CreateProxy(IpcReference reference) => new ItemSourceProxy<T, TCodec>(reference);

    public override string? GetMethodName(uint methodId) => methodId == BeginId ? "GetAsyncEnumerator" : null;

    public override void Dispatch(IItemSource<T, TCodec> target, ref IncomingCall call)
    {
        switch (call.MethodId)
        {
            case BeginId:
                call.EndArguments();
                var ipcResult = new ItemEnumerator<T, TCodec>(target.Items, call.CancellationToken);
                call.BeginResults(1);
                call.Write<IItemEnumerator<T, TCodec>, NonNullReferenceCodec<IItemEnumerator<T, TCodec>>>(ipcResult);
                return;
            default:
                call.MethodMissing();
                return;
        }
    }
}

/// <summary>Runs calls for enumerations of this side.</summary>
internal sealed class ItemEnumeratorStub<T, TCodec>()
    : IpcStub<IItemEnumerator<T, TCodec>>(
        $"System.Collections.Generic.IAsyncEnumerator<{typeof(T)}>", fingerprint: NextId + DisposeId)
    where TCodec : struct, IIpcCodec<T>
{
    public const uint NextId = 1;
    public const uint DisposeId = 2;

    public override IpcProxy CreateProxy(IpcReference reference) => new ItemEnumeratorProxy<T, TCodec>(reference);

    public override string? GetMethodName(uint methodId) => methodId switch
    {
        NextId => "MoveNextAsync",
        DisposeId => nameof(IAsyncDisposable.DisposeAsync),
        _ => null,
    };

    public override void Dispatch(IItemEnumerator<T, TCodec> target, ref IncomingCall call)
    {
        switch (call.MethodId)
        {
            case NextId:
                int maxCount = call.Read<int, Int32Codec>();
                call.EndArguments();
                call.Answer<ItemBatch<T>, ItemBatchCodec<T, TCodec>>(
                    target.NextAsync(maxCount, call.CancellationToken));
                return;
            case DisposeId:
                call.EndArguments();
                call.Answer(target.DisposeAsync());
                return;
            default:
                call.MethodMissing();
                return;
        }
    }
}
