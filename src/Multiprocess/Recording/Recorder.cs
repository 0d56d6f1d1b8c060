using System.Globalization;
using Microsoft.Extensions.Logging;
using Multiprocess.Logging;
using Multiprocess.Transports;

namespace Multiprocess.Recording;

/// <summary>Puts a recorder in front of a connection's transport, where the options ask for one.</summary>
internal static class Recorder
{
    /// <summary>Finds out, before anything is connected or started, whether there can be a recording where the options want one.</summary>
    /// <exception cref="IpcException">There can be none.</exception>
    public static void Check(IpcConnectionOptions options)
    {
        if (options.RecordFolder is { } folder)
        {
            RecordFile.Probe(folder, options.TimeProvider.GetUtcNow());
        }
    }

    /// <summary>The transport itself, or one that records.</summary>
    /// <param name="transport">What carries the connection; disposed if there is an exception.</param>
    /// <param name="options">The connection's options.</param>
    /// <param name="isClient">Whether this end is the client.</param>
    /// <remarks>A disk that is full ends the recording before it began, and not the connection.</remarks>
    /// <exception cref="IpcException">There can be no recording in that folder.</exception>
    public static Transport Wrap(Transport transport, IpcConnectionOptions options, bool isClient)
        // Who is turned away says nothing that is worth a file, and must not be able to fill a disk with them.
        => options.RecordFolder is not { } folder || transport.Refusal is not null ? transport : Record(transport, folder, options, isClient);

    /// <summary>Records to a stream that was opened for it.</summary>
    /// <returns>The transport itself where not even the recording's beginning could be written.</returns>
    public static Transport Record(Transport transport, Stream stream, string path, IpcConnectionOptions options, bool isClient)
    {
        ILogger logger = IpcLog.Create(options.LoggerFactory);
        Exception? failure = null;
        bool hasBegun = false;
        var file = new RecordFile(stream, options.Limits.MaxRecordBytes, (reason, exception) =>
        {
            failure = exception;
            if (hasBegun)
            {
                // Elsewhere: the logger is the application's, and the thread that found out is in the middle of sending.
                ThreadPool.UnsafeQueueUserWorkItem(_ => IpcLog.RecordingEnded(logger, path, reason), null);
            }
        });
        file.WriteComments(
            string.Create(CultureInfo.InvariantCulture, $"multiprocess recording {RecordFile.FormatVersion}"),
            string.Create(CultureInfo.InvariantCulture, $"when: {options.TimeProvider.GetUtcNow().UtcDateTime:O}"),
            string.Create(CultureInfo.InvariantCulture, $"process: {Environment.ProcessId}"),
            isClient ? "end: client; what it sent begins with >" : "end: server; what it sent begins with <",
            $"transport: {transport.Description}",
            $"peer: {transport.Peer.Description}");
        if (failure is not null)
        {
            IpcLog.RecordingEnded(logger, path, failure.Message);
            return transport;
        }

        hasBegun = true;
        IpcLog.Recording(logger, path);
        return new RecordingTransport(transport, file, isClient);
    }

    private static Transport Record(Transport transport, string folder, IpcConnectionOptions options, bool isClient)
    {
        try
        {
            FileStream stream = RecordFile.Create(folder, options.TimeProvider.GetUtcNow());
            Transport recording = Record(transport, stream, stream.Name, options, isClient);
            if (recording == transport)
            {
                RecordFile.Remove(stream.Name);
            }

            return recording;
        }
        catch (IpcException failure) when (RecordFile.IsShortage(failure))
        {
            IpcLog.RecordingEnded(IpcLog.Create(options.LoggerFactory), folder, failure.Message);
            return transport;
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }
}
