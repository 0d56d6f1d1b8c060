using System.Globalization;
using Microsoft.Extensions.Logging;
using Multiprocess.Logging;
using Multiprocess.Transports;
using Multiprocess.Transports.Rings;

namespace Multiprocess.Recording;

/// <summary>Wraps a connection's transport with a recorder, when the options request one.</summary>
internal static class Recorder
{
    /// <summary>
    /// Checks, before anything is connected or started, whether the recording that the options request is possible.
    /// </summary>
    /// <exception cref="IpcException">Recording is not possible.</exception>
    public static void Check(IpcConnectionOptions options)
    {
        if (options.RecordFolder is { } folder)
        {
            RecordFile.Probe(folder, options.TimeProvider.GetUtcNow());
        }
    }

    /// <summary>Returns the transport itself, or a transport that records.</summary>
    /// <param name="transport">The connection's transport; disposed when this throws.</param>
    /// <param name="options">The connection's options.</param>
    /// <param name="isClient">Whether this end is the client.</param>
    /// <remarks>A full disk ends the recording before it begins, but not the connection.</remarks>
    /// <exception cref="IpcException">Recording in that folder is not possible.</exception>
    public static Transport Wrap(Transport transport, IpcConnectionOptions options, bool isClient)
        // A refused peer sends nothing worth a file, and must not be able to fill a disk with files.
        => options.RecordFolder is not { } folder || transport.Refusal is not null
            ? transport
            : Record(transport, folder, options, isClient);

    /// <summary>Records to a stream that was opened for this purpose.</summary>
    /// <returns>The transport itself when not even the beginning of the recording could be written.</returns>
    public static Transport Record(
        Transport transport,
        Stream stream,
        string path,
        IpcConnectionOptions options,
        bool isClient)
    {
        ILogger logger = IpcLog.Create(options.LoggerFactory);
        Exception? failure = null;
        bool hasBegun = false;
        var file = new RecordFile(stream, options.Limits.MaxRecordBytes, (reason, exception) =>
        {
            failure = exception;
            if (hasBegun)
            {
                // On the thread pool: the logger belongs to the application, and this thread is in the middle of
                // sending.
                FrameworkPool.Queue(_ => IpcLog.RecordingEnded(logger, path, reason), (object?)null);
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
        return new RecordingTransport(RingTransport.Over(transport, isClient), file, isClient);
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
