using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Bitcoin.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Bitcoin.GuiWeb.Host;

/// <summary>
/// The scripts, style sheets and pictures of the page. They are in this assembly, so that nothing is loaded from other
/// places, and the current folder does not matter. Thread-safe.
/// </summary>
internal static class PageAssets
{
    private const string Prefix = "page/";

    // The version of the assembly: browsers load an asset again only after the program was replaced.
    private static readonly string s_tag = $"\"{typeof(PageAssets).Module.ModuleVersionId:N}\"";

    private static readonly ConcurrentDictionary<string, byte[]> s_zipped = new(StringComparer.Ordinal);

    /// <summary>The paths that are served, each with a slash before it.</summary>
    internal static IReadOnlyList<string> Paths { get; } =
    [
        .. typeof(PageAssets).Assembly.GetManifestResourceNames()
            .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(static name => name[(Prefix.Length - 1)..]),
    ];

    /// <summary>Sends the asset that the request names.</summary>
    internal static async Task Send(HttpContext context)
    {
        string path = context.Request.Path.Value!;
        HttpResponse response = context.Response;
        response.Headers.CacheControl = "no-cache";
        response.Headers.ETag = s_tag;
        response.ContentType = ContentType(path);
        if (context.Request.Headers.IfNoneMatch == s_tag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        byte[] zipped = s_zipped.GetOrAdd(path, Zip);
        if (context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            response.Headers.Append(HeaderNames.ContentEncoding, "gzip");
            response.ContentLength = zipped.Length;
            await response.Body.WriteAsync(zipped, context.RequestAborted);
            return;
        }

        using GZipStream plain = new(new MemoryStream(zipped), CompressionMode.Decompress);
        await plain.CopyToAsync(response.Body, context.RequestAborted);
    }

    private static byte[] Zip(string path)
    {
        using Stream asset = typeof(PageAssets).Assembly.GetManifestResourceStream(Prefix + path[1..])!;
        using MemoryStream zipped = new();
        using (GZipStream zip = new(zipped, CompressionLevel.Optimal))
        {
            if (path.EndsWith(".svg", StringComparison.Ordinal))
            {
                // The icon has the currency's colour.
                using StreamReader drawing = new(asset);
                zip.Write(Encoding.UTF8.GetBytes(drawing.ReadToEnd().Replace("{colour}", Currency.Names.Colour)));
            }
            else
            {
                asset.CopyTo(zip);
            }
        }

        return zipped.ToArray();
    }

    private static string ContentType(string path) => Path.GetExtension(path) switch
    {
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
}
