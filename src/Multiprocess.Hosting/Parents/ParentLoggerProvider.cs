using Microsoft.Extensions.Logging;

namespace Multiprocess.Hosting.Parents;

/// <summary>Sends the log entries of this process to the parent. Its alias in filters is <c>IpcParent</c>.</summary>
[ProviderAlias("IpcParent")]
internal sealed class ParentLoggerProvider(
    LogQueue queue, TimeProvider time, Action disposed) : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider? _scopes;

    public ILogger CreateLogger(string categoryName) => new ParentLogger(categoryName, queue, () => _scopes, time);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    /// <summary>Called last when the host's services are disposed; nothing is logged after it.</summary>
    public void Dispose() => disposed();
}
