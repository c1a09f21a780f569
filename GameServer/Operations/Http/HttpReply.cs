using System.Buffers;
using System.Text.Json;
using GameServer.Operations.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace GameServer.Operations.Http;

/// <summary>Writes answers: JSON, and problem details (RFC 9457) for everything that went wrong.</summary>
internal static class HttpReply
{
    public static Task Json(HttpContext context, int status, Action<Utf8JsonWriter> write) => Send(context, status, "application/json; charset=utf-8", write);

    public static Task Problem(HttpContext context, int status, string detail) => Send(context, status, "application/problem+json; charset=utf-8", json =>
    {
        json.WriteString("type", "about:blank");
        json.WriteString("title", ReasonPhrases.GetReasonPhrase(status));
        json.WriteNumber("status", status);
        json.WriteString("detail", detail);
    });

    /// <summary>A page that is worth compressing, as the client can read it.</summary>
    public static Task Page(HttpContext context, string contentType, CompressedPage page)
    {
        context.Response.Headers.Vary = "Accept, Accept-Encoding";
        if (!TakesGzip(context.Request.Headers.AcceptEncoding))
        {
            return Bytes(context, contentType, page.Plain);
        }

        context.Response.Headers.ContentEncoding = "gzip";
        return Bytes(context, contentType, page.Gzip);
    }

    public static async Task Bytes(HttpContext context, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static bool TakesGzip(StringValues accept)
    {
        if (!StringWithQualityHeaderValue.TryParseList([.. accept.OfType<string>()], out IList<StringWithQualityHeaderValue>? wishes))
        {
            return false;
        }

        StringWithQualityHeaderValue? wish = wishes.FirstOrDefault(static w => w.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase)) ?? wishes.FirstOrDefault(static w => w.Value == "*");
        return wish is not null && wish.Quality is not 0;
    }

    private static Task Send(HttpContext context, int status, string contentType, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        context.Response.StatusCode = status;
        return Bytes(context, contentType, buffer.WrittenMemory);
    }
}
