using Microsoft.Extensions.Logging;

namespace Multiprocess.Hosting.Parents;

/// <summary>Sends what is logged in this process to the parent. Its alias in filters is <c>IpcParent</c>.</summary>
[ProviderAlias("IpcParent")]
internal sealed class ParentLoggerProvider(
    LogQueue queue, TimeProvider time, Action disposed) : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider? _scopes;

    public ILogger CreateLogger(string categoryName) => new ParentLogger(categoryName, queue, () => _scopes, time);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    /// <summary>The last thing that the host's services do: nobody logs any more.</summary>
    public void Dispose() => disposed();
}
