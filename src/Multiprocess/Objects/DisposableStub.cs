using Multiprocess.Generated;

namespace Multiprocess.Objects;

/// <summary>The stub of <see cref="IDisposable"/>, a contract that no user project could generate.</summary>
internal sealed class DisposableStub() : IpcStub<IDisposable>("System.IDisposable", fingerprint: DisposeId)
{
    /// <summary>The wire id of <c>Dispose():System.Void</c>, computed as the generator does.</summary>
    public const uint DisposeId = 0xC462424C;

    public override IpcProxy CreateProxy(IpcReference reference) => new DisposableProxy(reference);

    public override string? GetMethodName(uint methodId) => methodId == DisposeId ? nameof(IDisposable.Dispose) : null;

    public override void Dispatch(IDisposable target, ref IncomingCall call)
    {
        switch (call.MethodId)
        {
            case DisposeId:
                call.EndArguments();
                target.Dispose();
                call.BeginResults(0);
                return;
            default:
                call.MethodMissing();
                return;
        }
    }

    private sealed class DisposableProxy(IpcReference reference) : IpcProxy(reference), IDisposable
    {
        public void Dispose() => DisposeRemote(DisposeId);
    }
}
