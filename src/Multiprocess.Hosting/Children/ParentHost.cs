using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Multiprocess.Hosting.Contracts;

namespace Multiprocess.Hosting.Children;

/// <summary>
/// Serves one child: its configuration, and the receiver of its log records. One object for each process.
/// </summary>
/// <remarks>The child may call it from any of its threads. Log records come one batch at a time.</remarks>
internal sealed class ParentHost(
    IConfiguration configuration,
    IReadOnlyList<string> sections,
    bool takesLogs,
    ILoggerFactory loggers,
    string child,
    int processId) : IParentHost
{
    private readonly TaskCompletionSource<IHostedChild> _ready = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChildLogWriter _writer = new(loggers, child, processId);
    private readonly Lock _writing = new();

    /// <summary>Completes when the child's host has started.</summary>
    public Task<IHostedChild> Ready => _ready.Task;

    public ChildStartup Begin()
        => new(
            takesLogs,
            [.. sections.SelectMany(section => configuration.GetSection(section).AsEnumerable())
                .Where(setting => setting.Value is not null)
                .Select(setting => new ChildSetting(setting.Key, setting.Value))]);

    void IParentHost.Ready(IHostedChild hosted) => _ready.TrySetResult(hosted);

    public void Log(ChildLogRecord[] records)
    {
        if (!takesLogs)
        {
            return;
        }

        lock (_writing)
        {
            Exception? failure = null;
            foreach (ChildLogRecord record in records)
            {
                try
                {
                    _writer.Write(record);
                }
                catch (Exception exception)
                {
                    // A record that a logger refuses must not lose the other records.
                    failure = exception;
                }
            }

            if (failure is not null)
            {
                throw failure;
            }
        }
    }
}
