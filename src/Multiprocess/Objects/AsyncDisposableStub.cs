using Multiprocess.Generated;

namespace Multiprocess.Objects;

/// <summary>The stub of <see cref="IAsyncDisposable"/>, a contract that no user project could generate.</summary>
internal sealed class AsyncDisposableStub()
    : IpcStub<IAsyncDisposable>("System.IAsyncDisposable", fingerprint: DisposeAsyncId)
{
    /// <summary>
    /// The wire id of <c>DisposeAsync():System.Threading.Tasks.ValueTask</c>, computed as the generator does.
    /// </summary>
    public const uint DisposeAsyncId = 0x5C019754;

    public override IpcProxy CreateProxy(IpcReference reference) => new AsyncDisposableProxy(reference);

    public override string? GetMethodName(uint methodId)
        => methodId == DisposeAsyncId ? nameof(IAsyncDisposable.DisposeAsync) : null;

    public override void Dispatch(IAsyncDisposable target, ref IncomingCall call)
    {
        switch (call.MethodId)
        {
            case DisposeAsyncId:
                call.EndArguments();
                call.Answer(target.DisposeAsync());
                return;
            default:
                call.MethodMissing();
                return;
        }
    }

    private sealed class AsyncDisposableProxy(IpcReference reference) : IpcProxy(reference), IAsyncDisposable
    {
        public ValueTask DisposeAsync() => DisposeRemoteAsync(DisposeAsyncId);
    }
}
