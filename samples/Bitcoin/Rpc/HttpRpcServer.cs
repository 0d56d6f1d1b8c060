using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Bitcoin.Rpc;

/// <summary>Serves a table of methods over HTTP on loopback.</summary>
/// <remarks>
/// Methods run on threads of their own, with names, so that the log of another process that they call can be read
/// against this one's. Stopping refuses new requests, waits for those that run at most a few seconds, and ends.
/// </remarks>
public sealed class HttpRpcServer : IDisposable
{
    private const int MaxBodyBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan s_wrongPasswordDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_stopPatience = TimeSpan.FromSeconds(5);

    private readonly RpcTable _table;
    private readonly IReadOnlyList<byte[]> _credentials;
    private readonly IReadOnlyList<RpcAuth> _users;
    private readonly DebugLog _log;
    private readonly WebApplication _application;
    private readonly BlockingCollection<Request> _queue;
    private volatile bool _isStopping;

    private HttpRpcServer(RpcTable table, HttpRpcOptions options, DebugLog log)
    {
        _table = table;
        _credentials = [.. options.Credentials.Select(Encoding.UTF8.GetBytes)];
        _users = options.Users;
        _log = log;
        _queue = new BlockingCollection<Request>(options.QueueDepth);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options));
        _application = builder.Build();
        _application.Run(Handle);
        for (int i = 0; i < options.Threads; i++)
        {
            new Thread(Work) { IsBackground = true, Name = $"b-httpworker.{i}" }.Start();
        }
    }

    /// <summary>Begins to serve.</summary>
    /// <exception cref="IOException">An address cannot be listened on.</exception>
    public static HttpRpcServer Start(RpcTable table, HttpRpcOptions options, DebugLog log)
    {
        HttpRpcServer server = new(table, options, log);
        try
        {
            server._application.StartAsync().GetAwaiter().GetResult();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>Refuses requests from now on.</summary>
    public void Interrupt() => _isStopping = true;

    /// <inheritdoc/>
    public void Dispose()
    {
        Interrupt();
        using (CancellationTokenSource patience = new(s_stopPatience))
        {
            _application.StopAsync(patience.Token).GetAwaiter().GetResult();
        }

        _application.DisposeAsync().AsTask().Wait(s_stopPatience);
        _queue.CompleteAdding();
    }

    private static void Configure(KestrelServerOptions kestrel, HttpRpcOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        foreach (IPEndPoint endPoint in options.EndPoints)
        {
            kestrel.Listen(endPoint);
        }
    }

    private async Task Handle(HttpContext context)
    {
        if (_isStopping)
        {
            await Reply(context, StatusCodes.Status503ServiceUnavailable, "Request rejected during shutdown").ConfigureAwait(false);
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            await Reply(context, StatusCodes.Status405MethodNotAllowed, "JSONRPC server handles only POST requests").ConfigureAwait(false);
            return;
        }

        string path = context.Request.Path.ToUriComponent();
        if (path != "/" && !path.StartsWith("/wallet/", StringComparison.Ordinal))
        {
            await Reply(context, StatusCodes.Status404NotFound, null).ConfigureAwait(false);
            return;
        }

        if (Authorize(context.Request.Headers.Authorization) is not { } user)
        {
            if (context.Request.Headers.Authorization.Count > 0)
            {
                _log.Write($"ThreadRPCServer incorrect password attempt from {context.Connection.RemoteIpAddress}:{context.Connection.RemotePort}");
                await Task.Delay(s_wrongPasswordDelay, context.RequestAborted).ConfigureAwait(false);
            }

            context.Response.Headers.WWWAuthenticate = "Basic realm=\"jsonrpc\"";
            await Reply(context, StatusCodes.Status401Unauthorized, null).ConfigureAwait(false);
            return;
        }

        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        Request request = new(body.ToArray(), path, user);
        if (!_queue.TryAdd(request))
        {
            await Reply(context, StatusCodes.Status503ServiceUnavailable, "Work queue depth exceeded").ConfigureAwait(false);
            return;
        }

        (int status, string? reply) = await request.Done.Task.ConfigureAwait(false);
        context.Response.ContentType = "application/json";
        await Reply(context, status, reply).ConfigureAwait(false);
    }

    private static async Task Reply(HttpContext context, int status, string? body)
    {
        context.Response.StatusCode = status;
        if (body is not null)
        {
            await context.Response.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>The user, if the password is right.</summary>
    private string? Authorize(string? header)
    {
        const string Scheme = "Basic ";
        byte[] bytes = new byte[header?.Length ?? 0];
        if (header is null
            || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            || !Convert.TryFromBase64String(header[Scheme.Length..].Trim(), bytes, out int length))
        {
            return null;
        }

        bool isRight = false;
        foreach (byte[] credentials in _credentials)
        {
            isRight |= CryptographicOperations.FixedTimeEquals(credentials, bytes.AsSpan(0, length));
        }

        string given = Encoding.UTF8.GetString(bytes, 0, length);
        foreach (RpcAuth user in _users)
        {
            isRight |= user.Matches(given);
        }

        return isRight ? given.Split(':')[0] : null;
    }

    [SuppressMessage("Design", "CA1031", Justification = "What a request does wrong must not end the thread that serves the next one.")]
    private void Work()
    {
        foreach (Request request in _queue.GetConsumingEnumerable())
        {
            try
            {
                JsonNode? reply = JsonRpc.Answer(_table, request.Body, request.Path, request.User, out int status);
                request.Done.SetResult((status, reply is null ? null : JsonText.Compact(reply) + "\n"));
            }
            catch (Exception exception)
            {
                // A number that JSON does not have, in a result. Whatever it is, it ends this request only.
                request.Done.SetException(exception);
            }
        }
    }

    private sealed record Request(byte[] Body, string Path, string User)
    {
        internal TaskCompletionSource<(int Status, string? Reply)> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
