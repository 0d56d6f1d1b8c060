using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Multiprocess.Benchmarks.Peers;

/// <summary>
/// The peer process: adds two numbers that come as JSON, over HTTP/1.1 on one Unix socket and HTTP/2 on another.
/// </summary>
internal static class HttpServer
{
    public const string Argument = "http";
    public const string Ready = "ready";

    /// <summary>Serves until standard input ends, which it does with the process that holds its other end.</summary>
    public static async Task<int> RunAsync(string directory)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.ListenUnixSocket(Socket(directory, 1), listen => listen.Protocols = HttpProtocols.Http1);
            options.ListenUnixSocket(Socket(directory, 2), listen => listen.Protocols = HttpProtocols.Http2);
        });
        await using WebApplication app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        Console.WriteLine(Ready);
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public static string Socket(string directory, int version) => Path.Combine(directory, $"http{version}");

    private static async Task AnswerAsync(HttpContext context)
    {
        Addition addition = (await JsonSerializer.DeserializeAsync(
            context.Request.Body, AdditionJson.Default.Addition))!;
        byte[] answer = JsonSerializer.SerializeToUtf8Bytes(new Sum(addition.A + addition.B), AdditionJson.Default.Sum);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.BodyWriter.WriteAsync(answer);
    }
}
