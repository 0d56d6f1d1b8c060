using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Multiprocess.Hosting.Contracts;

namespace Multiprocess.Hosting.Children;

/// <summary>What one child is served: its configuration, and where its log records go. One for each process.</summary>
/// <remarks>The child calls it from any of its threads; the records come one batch at a time.</remarks>
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

    /// <summary>Ends when the child's host has started.</summary>
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
                    // One record that a logger cannot take must not cost the others.
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
