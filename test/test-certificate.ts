/**
 * A certificate for loopback servers of tests, its own authority, good for nothing else; made by
 *   openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=feeds.example \
 *     -addext "subjectAltName=DNS:feeds.example,DNS:mirror.example,IP:127.0.0.1"
 */
export const certificate: string = `-----BEGIN CERTIFICATE-----
MIIBujCCAV+gAwIBAgIUNoUSR/Ii8Yny1QSefZmLKI3uAJgwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNZmVlZHMuZXhhbXBsZTAgFw0yNjExMjEyMzQwMzdaGA8yMTI2
MTAyODIzNDAzN1owGDEWMBQGA1UEAwwNZmVlZHMuZXhhbXBsZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABAqHMaoKf1vnvnKSVapGPQadkBXJrMpP+6cWHk84E/3w
YRjzudQ5cGTSP8fCAabKYGWvUzBdk91C7uXYtv5tkCSjgYQwgYEwHQYDVR0OBBYE
FC41mAnZOq6iLxhGWJegiarxGpk0MB8GA1UdIwQYMBaAFC41mAnZOq6iLxhGWJeg
iarxGpk0MA8GA1UdEwEB/wQFMAMBAf8wLgYDVR0RBCcwJYINZmVlZHMuZXhhbXBs
ZYIObWlycm9yLmV4YW1wbGWHBH8AAAEwCgYIKoZIzj0EAwIDSQAwRgIhALKduk5B
p2m7tKolCnZ8p06w4oIRkNlFJTsuOw7hgIAQAiEA2UCa5j3PhYUOdYk0TDEQ1ELL
6VsSWickW9mjPRU8ub4=
-----END CERTIFICATE-----
`;
export const privateKey: string = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgmNmcI9S+K6MwAN2t
GchYfDyU2Frza8Q0sdxBNda5gRChRANCAAQKhzGqCn9b575yklWqRj0GnZAVyazK
T/unFh5POBP98GEY87nUOXBk0j/HwgGmymBlr1MwXZPdQu7l2Lb+bZAk
-----END PRIVATE KEY-----
`;
